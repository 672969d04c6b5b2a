import type { OwnAnswer } from '../../filters/index.ts';
import {
  type BodyLength,
  type BodyPieces,
  chunkedBody,
  type RequestHead,
  type ResponseHead,
  untilClose,
} from '../../http1/index.ts';
import type { Output } from '../../transport/index.ts';
import {
  clientHead,
  informationalHead,
  lengthForClient,
  ownAnswer,
  switchingHead,
} from './client-head.ts';
import type { HeadEdits } from './client-stream.ts';
import type { WireContext } from './context.ts';

/** Writes the responses of one HTTP/1 client connection, and frames them as its client can read. */
export class ResponseWriter {
  /** The client learns from the connection's end, and from nothing else, where the response ends. */
  endsWithConnection = false;
  /** The response said that it is the connection's last. */
  isLast = false;
  /** The request announced a body that its client has not been told to send. */
  awaitsContinue = false;
  readonly #context: WireContext;
  readonly #output: Output;
  /** Strict-Transport-Security of this connection's answers; '' for none. */
  readonly #hsts: string;
  #isVersion10 = false;
  #asksToClose = false;
  #isHeadMethod = false;
  #isChunked = false;

  constructor(context: WireContext, output: Output, scheme: 'http' | 'https') {
    this.#context = context;
    this.#output = output;
    this.#hsts = scheme === 'https' ? context.hsts : '';
  }

  /** The request to be answered next. */
  begin(request: RequestHead): void {
    this.#isVersion10 = request.version === '1.0';
    this.#asksToClose = request.options.close || this.#isVersion10;
    this.#isHeadMethod = request.method === 'HEAD';
    this.awaitsContinue = request.expectsContinue;
  }

  sendContinue(): void {
    if (!this.awaitsContinue) return;
    this.awaitsContinue = false;
    this.#send('HTTP/1.1 100 Continue\r\n\r\n');
  }

  sendInformational(head: ResponseHead): void {
    this.#send(informationalHead(head));
  }

  sendSwitch(head: ResponseHead): void {
    this.endsWithConnection = true;
    this.#send(switchingHead(head));
  }

  /** `closes`: the connection ends with this response, for reasons of its own. */
  sendHead(
    head: ResponseHead,
    parsed: BodyLength,
    edits: HeadEdits | undefined,
    closes: boolean,
  ): void {
    const length = lengthForClient(parsed, this.#isVersion10);
    this.endsWithConnection = length === untilClose;
    this.isLast = closes || this.#asksToClose || this.endsWithConnection;
    this.#isChunked = length === chunkedBody;
    const { composer, date } = this.#context;
    const facts = { date: date.line(), hsts: this.#hsts, edits, closes: this.isLast, length };
    composer.open(this.#output);
    composer.text(clientHead(head, facts));
  }

  sendBody(bytes: Buffer, body: BodyPieces): void {
    const { composer } = this.#context;
    composer.open(this.#output);
    composer.body(bytes, body, this.#isChunked);
  }

  sendAnswer(answer: OwnAnswer, edits: HeadEdits | undefined, closes: boolean): void {
    this.endsWithConnection = false;
    this.isLast = closes || answer.closes === true || this.#asksToClose;
    const facts = { date: this.#context.date.line(), hsts: this.#hsts, edits };
    this.#send(ownAnswer(answer, { ...facts, closes: this.isLast }, this.#isHeadMethod));
  }

  /** What was sent may leave. */
  flush(): void {
    this.#context.composer.close();
  }

  #send(text: string): void {
    const { composer } = this.#context;
    composer.open(this.#output);
    composer.text(text);
    composer.close();
  }
}
