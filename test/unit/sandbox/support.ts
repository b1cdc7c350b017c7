import { encodeProfileWrite } from '../../../concur/xml';
import { type ProfileWrite } from '../../../concur/types';
import { type SectionChanges } from '../../../profile';
import {
  type Company,
  type CompanyInput,
  type ConcurSandbox,
  type ConcurSandboxOptions,
  createConcurSandbox,
  GLOBAL_ORIGIN,
  type ProfileSeed,
  SANDBOX_CLIENT,
  type SandboxResponse,
  type StoredProfile,
} from '../../../sandbox';

export const START = Date.parse('2026-03-01T08:00:00.250Z');
export const US = 'https://us2.api.concursolutions.com';
export const EU = 'https://eu2.api.concursolutions.com';
const CORRELATION_ID = '00000000-0000-4000-8000-00000000c0de';
const FORM = 'application/x-www-form-urlencoded';

export interface Grant {
  readonly accessToken: string;
  readonly refreshToken: string;
  readonly body: Readonly<Record<string, unknown>>;
}

/** A sandbox with one company and a small client that keeps to the rules. */
export class Bench {
  readonly slept: number[] = [];
  readonly sandbox: ConcurSandbox;
  readonly company: Company;
  private accessToken: string | undefined;

  constructor(company: CompanyInput = {}, options: ConcurSandboxOptions = {}) {
    this.sandbox = createConcurSandbox({
      now: () => START,
      sleep: (milliseconds) => {
        this.slept.push(milliseconds);
        return Promise.resolve();
      },
      ...options,
    });
    this.company = this.sandbox.admin.putCompany({ companyUuid: 'company-one', ...company }).company;
  }

  get admin(): ConcurSandbox['admin'] {
    return this.sandbox.admin;
  }

  requestToken(): string {
    return this.admin.issueRequestToken(this.company.companyUuid).requestToken;
  }

  token(
    fields: Readonly<Record<string, string>>,
    origin = GLOBAL_ORIGIN,
    headers = {},
  ): Promise<SandboxResponse> {
    const body = new URLSearchParams({
      client_id: SANDBOX_CLIENT.clientId,
      client_secret: SANDBOX_CLIENT.clientSecret,
      ...fields,
    }).toString();
    return this.sandbox.handle({
      method: 'POST',
      origin,
      path: '/oauth2/v0/token',
      headers: { 'Content-Type': FORM, 'concur-correlationid': CORRELATION_ID, ...headers },
      body,
    });
  }

  exchange(requestToken: string, origin = GLOBAL_ORIGIN): Promise<SandboxResponse> {
    const { companyUuid } = this.company;
    const fields = {
      grant_type: 'password',
      username: companyUuid,
      password: requestToken,
      credtype: 'authtoken',
    };
    return this.token(fields, origin);
  }

  refresh(refreshToken: string, origin = US): Promise<SandboxResponse> {
    return this.token({ grant_type: 'refresh_token', refresh_token: refreshToken }, origin);
  }

  async grant(): Promise<Grant> {
    return grantOf(await this.exchange(this.requestToken()));
  }

  async call(
    method: string,
    path: string,
    options: {
      readonly body?: string;
      readonly headers?: Record<string, string>;
      readonly origin?: string;
    } = {},
  ): Promise<SandboxResponse> {
    this.accessToken ??= (await this.grant()).accessToken;
    return this.sandbox.handle({
      method,
      origin: options.origin ?? US,
      path,
      headers: {
        Authorization: `Bearer ${this.accessToken}`,
        'Content-Type': 'application/xml',
        'concur-correlationid': CORRELATION_ID,
        ...options.headers,
      },
      ...(options.body === undefined ? {} : { body: options.body }),
    });
  }

  read(value: string, type = 'login'): Promise<SandboxResponse> {
    const query = new URLSearchParams({ userid_type: type, userid_value: value });
    return this.call('GET', `/api/travelprofile/v2.0/profile?${query.toString()}`);
  }

  summary(query: Readonly<Record<string, string>>): Promise<SandboxResponse> {
    const parameters = new URLSearchParams(query);
    return this.call('GET', `/api/travelprofile/v2.0/summary?${parameters.toString()}`);
  }

  post(xml: string, headers: Record<string, string> = {}): Promise<SandboxResponse> {
    return this.call('POST', '/api/travelprofile/v2.0/profile', { body: xml, headers });
  }

  /** A POST by the product's own codec. */
  write(write: Partial<ProfileWrite> & { readonly loginId: string }): Promise<SandboxResponse> {
    return this.post(encodeProfileWrite({ action: 'Update', status: 'active', sections: {}, ...write }));
  }

  create(loginId: string, sections: SectionChanges = {}): Promise<SandboxResponse> {
    const general = { firstName: 'Test', lastName: 'Traveller', travelConfigId: '1000', ...sections.general };
    return this.write({
      action: 'Create',
      loginId,
      password: 'Not-A-Real-1',
      sections: { ...sections, general },
    });
  }

  seed(loginId: string, sections: ProfileSeed['sections'] = {}): StoredProfile {
    return this.admin.seedProfile({ companyUuid: this.company.companyUuid, loginId, sections });
  }

  stored(loginId: string): StoredProfile {
    const profile = this.admin.profile(loginId);
    if (profile === undefined) throw new Error(`no profile ${loginId}`);
    return profile;
  }

  /** An update in raw XML, for what the product's codec would never write. */
  update(loginId: string, inner: string): Promise<SandboxResponse> {
    return this.post(updateXml(loginId, inner));
  }
}

export function updateXml(loginId: string, inner: string): string {
  return `<ProfileResponse xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" Action="Update" LoginId="${loginId}">${inner}</ProfileResponse>`;
}

export function json(response: SandboxResponse): Readonly<Record<string, unknown>> {
  const value: unknown = JSON.parse(response.body);
  if (typeof value !== 'object' || value === null) throw new Error('no JSON object');
  return { ...value };
}

export function grantOf(response: SandboxResponse): Grant {
  const body = json(response);
  const { access_token: accessToken, refresh_token: refreshToken } = body;
  if (typeof accessToken !== 'string' || typeof refreshToken !== 'string') throw new Error(response.body);
  return { accessToken, refreshToken, body };
}

/** Codes of an answer, in order. */
export function codes(response: SandboxResponse): readonly string[] {
  return [...response.body.matchAll(/<Code>(\w+)<\/Code>/g)].map((match) => match[1] ?? '');
}

export function logins(response: SandboxResponse): readonly string[] {
  return [...response.body.matchAll(/<LoginID>([^<]*)<\/LoginID>/g)].map((match) => match[1] ?? '');
}
