import type { DeadlineWheel } from '../transport/index.ts';
import type { FieldList } from './field-list.ts';
import type { WriteTurn } from './frames/frame-writer.ts';
import type { Http2Stream } from './stream.ts';

/** What all HTTP/2 connections of an engine share. */
export interface Http2Context {
  readonly wheel: DeadlineWheel;
  readonly turn: WriteTurn;
  /** Filled and read within one call. */
  readonly list: FieldList;
  readonly limits: {
    /** Of one header block, as it comes. */
    readonly headBytes: number;
    readonly headerLines: number;
  };
}

/** What depends on the side that we are on. */
export interface Http2Role {
  readonly isServer: boolean;
  /** SETTINGS of the peer are in force, or it has answered ours. */
  settingsChanged(): void;
  /** The peer opens a stream: its owner is to be set now. Never called on the client's side. */
  streamOpened(stream: Http2Stream): void;
  /** A stream is over in both directions. */
  streamClosed(stream: Http2Stream): void;
  /** Nothing is to be opened any more; streams above `lastStreamId` were not looked at. */
  goAwayReceived(lastStreamId: number): void;
  pingAnswered(): void;
  /** GOAWAY with `code` is written; streams have been reset. What is left is to close. */
  broken(code: number): void;
}
