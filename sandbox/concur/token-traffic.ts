/** What one company's token requests came to. */
export interface TokenRequests {
  /** That arrived, whatever became of them. */
  readonly requests: number;
  /** Refreshes that were granted, also where the answer was lost. */
  readonly refreshes: number;
  /** Most of them in progress at the same time: a careful client has one. */
  readonly mostAtOnce: number;
}

const NONE: TokenRequests = { requests: 0, refreshes: 0, mostAtOnce: 0 };

/** Counts token requests by company. */
export class TokenTraffic {
  private readonly counted = new Map<string, TokenRequests>();
  private readonly inProgress = new Map<string, number>();

  begins(companyUuid: string): void {
    const atOnce = (this.inProgress.get(companyUuid) ?? 0) + 1;
    this.inProgress.set(companyUuid, atOnce);
    const { requests, mostAtOnce } = this.of(companyUuid);
    this.change(companyUuid, { requests: requests + 1, mostAtOnce: Math.max(mostAtOnce, atOnce) });
  }

  refreshed(companyUuid: string): void {
    this.change(companyUuid, { refreshes: this.of(companyUuid).refreshes + 1 });
  }

  ends(companyUuid: string): void {
    this.inProgress.set(companyUuid, (this.inProgress.get(companyUuid) ?? 1) - 1);
  }

  /** By the company's UUID as it was put there. */
  get companies(): Readonly<Record<string, TokenRequests>> {
    return Object.fromEntries(this.counted);
  }

  reset(): void {
    this.counted.clear();
  }

  private of(companyUuid: string): TokenRequests {
    return this.counted.get(companyUuid) ?? NONE;
  }

  private change(companyUuid: string, change: Partial<TokenRequests>): void {
    this.counted.set(companyUuid, { ...this.of(companyUuid), ...change });
  }
}
