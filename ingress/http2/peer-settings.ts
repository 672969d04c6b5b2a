import {
  defaultWindow,
  errorCode,
  maxFramePayloadBytes,
  maxWindow,
  readUint32,
  settingId,
} from './frames/frame-types.ts';
import { defaultTableBytes } from './hpack/dynamic-table.ts';

/** Entries of one SETTINGS frame: there are eight that mean something. */
const maxEntries = 32;

/** What the other side has said about itself (RFC 9113 §6.5.2). */
export class PeerSettings {
  tableBytes: number = defaultTableBytes;
  maxStreams: number = Number.POSITIVE_INFINITY;
  /** Of each new stream. */
  window: number = defaultWindow;
  maxFrameBytes: number = maxFramePayloadBytes;
  /** RFC 8441: it takes CONNECT with `:protocol`. */
  takesConnectProtocol = false;

  /** Takes the payload of a SETTINGS frame over; an error code, or `noError`. */
  apply(bytes: Uint8Array, start: number, end: number): number {
    if (end - start > maxEntries * 6) return errorCode.enhanceYourCalm;
    for (let at = start; at < end; at += 6) {
      const id = ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
      const code = this.#set(id, readUint32(bytes, at + 2));
      if (code !== errorCode.noError) return code;
    }
    return errorCode.noError;
  }

  #set(id: number, value: number): number {
    switch (id) {
      case settingId.headerTableSize:
        this.tableBytes = value;
        break;
      case settingId.enablePush:
        if (value > 1) return errorCode.protocolError;
        break;
      case settingId.maxConcurrentStreams:
        this.maxStreams = value;
        break;
      case settingId.initialWindowSize:
        if (value > maxWindow) return errorCode.flowControlError;
        this.window = value;
        break;
      case settingId.maxFrameSize:
        if (value < maxFramePayloadBytes || value > 0xff_ffff) return errorCode.protocolError;
        this.maxFrameBytes = value;
        break;
      case settingId.enableConnectProtocol:
        // RFC 8441 §3: never taken back.
        if (value > 1 || (value === 0 && this.takesConnectProtocol)) return errorCode.protocolError;
        this.takesConnectProtocol = value === 1;
        break;
      default:
        // Unknown settings are ignored; how long a list may be is advice.
        break;
    }
    return errorCode.noError;
  }
}
