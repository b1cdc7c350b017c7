import { type Dispatcher } from 'undici';
import { z } from 'zod';
import { CliError } from './errors';
import { sendJson, type Sent } from './http';

const errorSchema = z.looseObject({ error: z.looseObject({ code: z.string(), message: z.string() }) });
const tokenSchema = z.looseObject({ requestToken: z.string(), expiresAt: z.string() });
const companySchema = z.looseObject({ companyUuid: z.string(), name: z.string() });
const profileSchema = z.looseObject({
  uuid: z.string(),
  loginId: z.string(),
  sections: z.record(z.string(), z.unknown()),
});
const profilesSchema = z.looseObject({ total: z.number(), profiles: z.array(profileSchema) });

export type SandboxProfile = z.output<typeof profileSchema>;

/** The admin side of the simulated Concur (`/_admin/…`): what somebody at Concur, or a Concur user, does. */
export class SandboxClient {
  constructor(
    readonly base: string,
    private readonly dispatcher?: Dispatcher,
  ) {}

  putCompany(company: Readonly<Record<string, unknown>>): Promise<z.output<typeof companySchema>> {
    return this.send(companySchema, { method: 'POST', path: '/_admin/companies', body: company });
  }

  issueRequestToken(companyUuid: string): Promise<z.output<typeof tokenSchema>> {
    return this.send(tokenSchema, { method: 'POST', path: '/_admin/tokens', body: { companyUuid } });
  }

  async profiles(companyUuid: string): Promise<SandboxProfile[]> {
    const query = { company: companyUuid };
    return (await this.send(profilesSchema, { method: 'GET', path: '/_admin/profiles', query })).profiles;
  }

  profile(uuid: string): Promise<SandboxProfile> {
    return this.send(profileSchema, { method: 'GET', path: profilePath(uuid) });
  }

  /** Changes a profile as a Concur user would at the screen: JSON merge patch on its sections. */
  editProfile(uuid: string, sections: Readonly<Record<string, unknown>>): Promise<SandboxProfile> {
    return this.send(profileSchema, { method: 'PATCH', path: profilePath(uuid), body: { sections } });
  }

  private async send<T extends z.ZodType>(schema: T, sent: Sent): Promise<z.output<T>> {
    const hint = 'Start the sandbox with `npx concordance start --sandbox` or `npx concordance sandbox`.';
    const { status, value } = await sendJson(this.base, sent, hint, this.dispatcher);
    if (status >= 400) {
      const refused = errorSchema.safeParse(value);
      const { code, message } = refused.success
        ? refused.data.error
        : { code: `http-${status}`, message: `The sandbox at ${this.base} answered ${status}.` };
      throw new CliError(code, `Sandbox: ${message}`);
    }
    const parsed = schema.safeParse(value);
    if (parsed.success) return parsed.data;
    throw new CliError(
      'unexpected-answer',
      `What answers at ${this.base} is not the sandbox this command knows.`,
      {
        cause: parsed.error,
      },
    );
  }
}

function profilePath(uuid: string): string {
  return `/_admin/profiles/${encodeURIComponent(uuid)}`;
}
