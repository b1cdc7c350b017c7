import { type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type PayloadCodec } from '@temporalio/common';
import { type FastifyBaseLogger, type FastifyInstance } from 'fastify';
import { type ZodTypeProvider } from 'fastify-type-provider-zod';
import { type Logger } from 'pino';
import { type WorkflowEngine } from '../client/requests';
import { type Settings } from '../config';
import { type HubStore } from '../hub';
import { type Commands } from './commands';
import { type ConcurApplication } from './views/support-case';
import { type Waker } from './waker';

/** What the API is made of; everything that has a side effect is handed in. */
export interface ApiDeps {
  readonly settings: Pick<
    Settings,
    | 'API_HOST'
    | 'API_PORT'
    | 'API_ALLOW_PLAIN'
    | 'REQUEST_TOKEN_LIFETIME_MINUTES'
    | 'SUPPORT_HOURS'
    | 'POLL_MINUTES'
    | 'CONCUR_PUSH_SECRET'
    | 'CONCUR_PUSH_KEYS_FILE'
    | 'TRUSTED_PROXIES'
  >;
  readonly store: HubStore;
  readonly engine: WorkflowEngine;
  /** Opens and seals what lies in Temporal, for the Temporal UI and CLI. */
  readonly codec: Pick<PayloadCodec, 'encode' | 'decode'>;
  readonly clock: { now(): Date };
  /** Ids of requests and travellers; sortable by time, so that lists by id are in order. */
  readonly ids: { next(): string };
  /** A logger, or the least severe level of one that writes to standard output. */
  readonly log: Logger | string;
  /** Origin of the Temporal UI, e.g. `http://127.0.0.1:8233`; absent: the codec wants a key from everybody. */
  readonly uiOrigin?: string;
  /** For support cases. */
  readonly application?: ConcurApplication;
  /** True when a sandbox stands in for Concur: the documentation says so. */
  readonly simulation?: boolean;
}

/** What the routes work with. */
export interface ApiContext extends Omit<ApiDeps, 'log'> {
  readonly log: FastifyBaseLogger;
  readonly commands: Commands;
  readonly waker: Waker;
  readonly version: string;
}

/** The server with request types that come from zod schemas. */
export type Api = FastifyInstance<
  Server,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  ZodTypeProvider
>;
