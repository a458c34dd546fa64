/** A hub on this machine: one model, with whatever may go wrong between it and us. */
import { createHash } from 'node:crypto';
import http from 'node:http';
import type { AddressInfo } from 'node:net';

export const commit = 'c0ffee'.repeat(6) + 'abcd';

export interface FakeHubOptions {
  readonly files: Readonly<Record<string, Buffer>>;
  /** Files kept by SHA-256 on another path, as large files are. */
  readonly large?: readonly string[];
  /** Of an answer with content: how many bytes it gets before the connection is cut. */
  readonly most?: number;
  /** Sent instead of the file. */
  readonly forged?: Buffer;
  readonly status?: number;
  readonly errorCode?: string;
  /** Without it everything is answered 401. */
  readonly token?: string;
}

export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly range: string | undefined;
  readonly authorization: string | undefined;
}

export class FakeHub {
  readonly asked: Asked[] = [];
  private readonly server = http.createServer((request, response) => this.answer(request, response));
  /** Large files come from another host. */
  private readonly storage = http.createServer((request, response) => this.answer(request, response));

  constructor(private readonly options: FakeHubOptions) {}

  async listen(): Promise<string> {
    for (const server of [this.server, this.storage]) {
      await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
    }
    return addressOf(this.server);
  }

  close(): void {
    for (const server of [this.server, this.storage]) {
      server.closeAllConnections();
      server.close();
    }
  }

  private answer(request: http.IncomingMessage, response: http.ServerResponse): void {
    const { url = '', method = '', headers } = request;
    this.asked.push({ method, path: url, range: headers.range, authorization: headers.authorization });
    const { files, large = [], status, errorCode, token } = this.options;
    const known = token === undefined || headers.authorization === `Bearer ${token}` || url.startsWith('/storage/');
    if (status !== undefined || !known) {
      response.writeHead(status ?? 401, errorCode === undefined ? {} : { 'x-error-code': errorCode });
      return void response.end();
    }
    if (url.startsWith('/api/models/team/tiny/revision/')) {
      const siblings = Object.keys(files).map(rfilename => ({ rfilename }));
      return void response.end(JSON.stringify({ sha: commit, siblings }));
    }
    const name = url.slice(url.lastIndexOf('/') + 1);
    const content = files[name];
    if (content === undefined) return void response.writeHead(404, { 'x-error-code': 'EntryNotFound' }).end();
    if (url.startsWith('/team/tiny/resolve/') && large.includes(name)) {
      const etag = createHash('sha256').update(content).digest('hex');
      response.writeHead(302, {
        location: `${addressOf(this.storage)}/storage/${name}`,
        'x-linked-etag': `"${etag}"`,
        'x-linked-size': content.length,
      });
      return void response.end();
    }
    this.send(request, response, content);
  }

  private send({ method, headers }: http.IncomingMessage, response: http.ServerResponse, content: Buffer): void {
    const { forged, most = Infinity } = this.options;
    const git = createHash('sha1').update(`blob ${content.length}\0`).update(content).digest('hex');
    const start = Number(/^bytes=(\d+)-$/.exec(headers.range ?? '')?.[1] ?? 0);
    const rest = (forged ?? content).subarray(start);
    const range = start > 0 ? { 'content-range': `bytes ${start}-${content.length - 1}/${content.length}` } : {};
    response.writeHead(start > 0 ? 206 : 200, { 'content-length': rest.length, etag: `"${git}"`, ...range });
    if (method === 'HEAD') response.end();
    else if (rest.length <= most) response.end(rest);
    else response.write(rest.subarray(0, most), () => response.destroy());
  }
}

function addressOf(server: http.Server): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
