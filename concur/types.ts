import {
  type ProfileSections,
  type ProfileStatus,
  type SectionChanges,
  type UnknownElement,
} from '../profile';

/** A profile as Concur shows it. */
export interface ConcurProfile {
  /** `''` only where Travel Profile v1 was asked by sync id: it names no login. */
  readonly loginId: string;
  /** Set where Travel Profile v1 showed it: what v1 has no element for is then hidden, not missing. */
  readonly apiVersion?: 1;
  /** Absent where Concur does not say. */
  readonly status?: ProfileStatus;
  /** The identity of a traveller; absent without the scope TMCSP and in v1. */
  readonly uuid?: string;
  readonly sections: ProfileSections;
  readonly unknown: readonly UnknownElement[];
}

export interface ProfileId {
  readonly type: 'login' | 'xmlsyncid' | 'uuid';
  readonly value: string;
}

/** What every answer of Concur carries beside its content. */
export interface AnswerInfo {
  /** The `concur-correlationid` of the answer. */
  readonly correlationId?: string;
  /** Concur's own clock: the `Date` header of the answer. */
  readonly serverDate?: Date;
}

export interface ProfileRead extends AnswerInfo {
  readonly profile: ConcurProfile;
}

export interface ProfileSummary {
  readonly loginId: string;
  readonly status?: ProfileStatus;
  readonly xmlProfileSyncId?: string;
  /** UTC, whole seconds; the epoch where Concur names no readable time, so that the row is read anyway. */
  readonly modifiedAt: Date;
}

export interface SummaryQuery {
  /** Profiles modified after this instant, whole seconds; `1900-01-01T12:00:00Z` for all. */
  readonly since: Date;
  /** From 1. */
  readonly page: number;
  /** 1–200. */
  readonly itemsPerPage: number;
  readonly travelConfigIds?: readonly string[];
  /** Ready query parameter, e.g. `Active=1`; absent: active and inactive ones. */
  readonly statusFilter?: 'Active=1' | 'Active=0' | 'Status="Active"';
}

export interface SummaryPage extends AnswerInfo {
  readonly rows: readonly ProfileSummary[];
  readonly page: number;
  readonly totalPages: number;
  readonly totalItems: number;
  /** Rows of the page that name no login and so cannot be read: count them, never drop them silently. */
  readonly withoutLogin?: number;
}

/** One POST of a profile. Sections hold only what is to be changed. */
export interface ProfileWrite {
  readonly action: 'Create' | 'Update';
  readonly loginId: string;
  readonly status: ProfileStatus;
  readonly sections: SectionChanges;
  /** Only with Create; never stored. */
  readonly password?: string;
}

/** One item of Concur's answer about a field. */
export interface OutcomeMessage {
  /** `W002`, `E001`, `UNKNOWN` … (docs/concur.md §3, outcome codes). */
  readonly code: string;
  /** Concur's text; may hold personal data: seal it where it is stored. */
  readonly message: string;
  /** Concur's path, e.g. `General/RuleClass`. */
  readonly field?: string;
  readonly correlationId?: string;
}

export interface WriteWarning extends OutcomeMessage {
  /** What the code says; absent where no document of SAP's explains it. */
  readonly words?: string;
}

export interface WriteResult extends AnswerInfo {
  /** UUID of a created profile, where the answer names it. */
  readonly uuid?: string;
  /** W-codes: the rest was written, these fields were not. */
  readonly warnings: readonly WriteWarning[];
}

/** The Travel Profile calls for one entity; tokens are seen to inside. */
export interface ConcurProfiles {
  listSummaries(query: SummaryQuery): Promise<SummaryPage>;
  /** @returns undefined where Concur knows no such profile. */
  readProfile(id: ProfileId): Promise<ProfileRead | undefined>;
  writeProfile(write: ProfileWrite): Promise<WriteResult>;
}
