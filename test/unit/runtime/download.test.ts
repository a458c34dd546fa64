// Downloads over connections that are cut, through proxies, and of files that are not what they should be.
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import fs from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { download, type DownloadOptions } from '../../../src/runtime/download';
import { proxyFor } from '../../../src/net/http-request';
import { RuntimeProblem } from '../../../src/runtime/problem';
import { removeTemporaryFolders, temporaryFolder, write } from './fake-machine';

const content = randomBytes(300_000);
const sha256 = createHash('sha256').update(content).digest('hex');
const md5 = createHash('md5').update(content).digest('base64');

/** A server whose next answers are given by `answer`; the ranges it was asked for are kept. */
class Server {
  ranges: (string | undefined)[] = [];
  seen: http.IncomingMessage[] = [];
  readonly #server: http.Server;
  constructor(answer: (request: http.IncomingMessage, response: http.ServerResponse, count: number) => void) {
    this.#server = http.createServer((request, response) => {
      this.seen.push(request);
      this.ranges.push(request.headers.range);
      answer(request, response, this.seen.length);
    });
  }

  async listen(): Promise<string> {
    await new Promise<void>(resolve => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  get http(): http.Server {
    return this.#server;
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}

/** Answers a range request properly, but only `most` bytes of it. */
function send(request: http.IncomingMessage, response: http.ServerResponse, most = content.length, headers = {}): void {
  const start = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
  const rest = content.subarray(start);
  const range = start > 0 ? { 'content-range': `bytes ${start}-${content.length - 1}/${content.length}` } : {};
  response.writeHead(start > 0 ? 206 : 200, { 'content-length': rest.length, etag: '"one"', ...range, ...headers });
  if (most >= rest.length) response.end(rest);
  else response.write(rest.subarray(0, most), () => response.destroy());
}

describe('a download', () => {
  let server: Server | undefined;
  let folder: string;
  beforeEach(() => (folder = temporaryFolder()));
  afterEach(() => server?.close());
  after(removeTemporaryFolders);

  async function fetchFrom(
    answer: ConstructorParameters<typeof Server>[0],
    more: Partial<DownloadOptions> = {},
  ): Promise<string> {
    server = new Server(answer);
    const url = await server.listen();
    const file = path.join(folder, 'library.tar.gz');
    await download({ url: `${url}/x`, file, sha256, variables: {}, pauseMs: 1, ...more });
    return file;
  }

  const fails = (code: string) => (error: unknown) => error instanceof RuntimeProblem && error.code === code;

  it('is resumed where the connection was cut, as often as it brings something', async () => {
    const counts: number[] = [];
    const file = await fetchFrom((request, response) => send(request, response, 40_000), {
      attempts: 2,
      onBytes: done => counts.push(done),
    });
    assert.ok(fs.readFileSync(file).equals(content));
    assert.ok((server?.ranges.length ?? 0) >= 5, String(server?.ranges));
    assert.equal(server?.ranges[0], undefined);
    assert.match(server?.ranges[1] ?? '', /^bytes=[1-9]\d*-$/);
    assert.equal(counts.at(-1), content.length);
    assert.ok(!fs.existsSync(`${file}.part`));
  });

  it('starts again where the server ignores the range', async () => {
    const file = await fetchFrom((request, response, count) => {
      delete request.headers.range;
      send(request, response, count === 1 ? 100_000 : undefined);
    });
    assert.ok(fs.readFileSync(file).equals(content));
  });

  it('goes on with what an earlier process has left', async () => {
    write(path.join(folder, 'library.tar.gz.part'), '');
    fs.writeFileSync(path.join(folder, 'library.tar.gz.part'), content.subarray(0, 250_000));
    await fetchFrom((request, response) => send(request, response));
    assert.deepEqual(server?.ranges, ['bytes=250000-']);
  });

  it('drops what was left of another file, and does not give up for it', async () => {
    write(path.join(folder, 'library.tar.gz.part'), 'x'.repeat(1000));
    const file = await fetchFrom((request, response) => send(request, response));
    assert.deepEqual(server?.ranges, ['bytes=1000-', undefined]);
    assert.ok(fs.readFileSync(file).equals(content));
  });

  it('drops a part that is longer than the file', async () => {
    write(path.join(folder, 'library.tar.gz.part'), 'x'.repeat(400_000));
    await fetchFrom((request, response) =>
      request.headers.range ? response.writeHead(416).end() : send(request, response),
    );
    assert.deepEqual(server?.ranges, ['bytes=400000-', undefined]);
  });

  it('gives up with the way out when nothing comes, and keeps the part', async () => {
    await assert.rejects(
      fetchFrom(
        (request, response, count) => {
          if (count === 1) send(request, response, 1000);
          else response.destroy();
        },
        { attempts: 3 },
      ),
      fails('no-network'),
    );
    assert.equal(server?.seen.length, 3);
    assert.equal(fs.statSync(path.join(folder, 'library.tar.gz.part')).size, 1000);
  });

  it('takes a connection that brings nothing for a cut one', async () => {
    const file = await fetchFrom(
      (request, response, count) => {
        if (count > 1) return send(request, response);
        response.writeHead(200, { 'content-length': content.length }).write(content.subarray(0, 5000));
      },
      { stallMs: 60 },
    );
    assert.ok(fs.readFileSync(file).equals(content));
  });

  it('tries again after a server error, but not after a refusal', async () => {
    await fetchFrom((request, response, count) =>
      count < 3 ? response.writeHead(503).end() : send(request, response),
    );
    assert.equal(server?.seen.length, 3);
    server?.close();
    await assert.rejects(
      fetchFrom((_request, response) => response.writeHead(403).end()),
      (error: RuntimeProblem) =>
        error.code === 'no-network' && /answered 403/.test(error.message) && /TFJS_NODE_CDN_STORAGE/.test(error.wayOut),
    );
    assert.equal(server?.seen.length, 1);
  });

  it('refuses a file of another hash and leaves nothing of it', async () => {
    await assert.rejects(
      fetchFrom((request, response) => send(request, response), { sha256: '0'.repeat(64) }),
      fails('hash-mismatch'),
    );
    assert.deepEqual(fs.readdirSync(folder), []);
  });

  it("accepts the server's own hash where none is known, and nothing without any", async () => {
    const withHash = { 'x-goog-hash': `crc32c=AAAAAA==,md5=${md5}` };
    await fetchFrom((request, response) => send(request, response, undefined, withHash), { sha256: undefined });
    server?.close();
    await assert.rejects(
      fetchFrom((request, response) => send(request, response), { sha256: undefined }),
      fails('hash-mismatch'),
    );
  });

  it('follows redirects', async () => {
    const file = await fetchFrom((request, response) => {
      if (request.url === '/x') response.writeHead(302, { location: '/y' }).end();
      else send(request, response);
    });
    assert.ok(fs.readFileSync(file).equals(content));
  });

  it('leaves nothing when cancelled', async () => {
    const cancel = new AbortController();
    await assert.rejects(
      fetchFrom(
        (_request, response) => {
          response.writeHead(200, { 'content-length': content.length });
          response.write(content.subarray(0, 5000), () => setTimeout(() => cancel.abort(), 20));
        },
        { signal: cancel.signal },
      ),
      fails('cancelled'),
    );
    assert.deepEqual(fs.readdirSync(folder), []);
  });

  it('sends plain requests through HTTP_PROXY with the whole address and its password', async () => {
    const proxy = new Server((request, response) => send(request, response));
    try {
      const address = (await proxy.listen()).replace('http://', 'http://user:p%40ss@');
      const file = path.join(folder, 'file');
      await download({ url: 'http://library.invalid/a?b', file, sha256, variables: { HTTP_PROXY: address } });
      assert.equal(proxy.seen[0]?.url, 'http://library.invalid/a?b');
      assert.equal(proxy.seen[0]?.headers.host, 'library.invalid');
      assert.equal(
        proxy.seen[0]?.headers['proxy-authorization'],
        `Basic ${Buffer.from('user:p@ss').toString('base64')}`,
      );
    } finally {
      proxy.close();
    }
  });

  it('asks HTTPS_PROXY for a tunnel and says when it is refused', async () => {
    const proxy = new Server(() => {});
    const asked: (string | undefined)[] = [];
    proxy.http.on('connect', (request: http.IncomingMessage, socket) => {
      asked.push(request.url);
      socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n');
    });
    try {
      const variables = { https_proxy: await proxy.listen() };
      const work = download({
        url: 'https://library.invalid/a',
        file: path.join(folder, 'f'),
        sha256,
        variables,
        attempts: 2,
        pauseMs: 1,
      });
      await assert.rejects(work, /the proxy 127\.0\.0\.1:\d+ answered 407/);
      assert.deepEqual(asked, ['library.invalid:443', 'library.invalid:443']);
    } finally {
      proxy.close();
    }
  });

  const proxies: [string, Record<string, string>, string | null][] = [
    ['https://a.b/x', {}, null],
    ['https://a.b/x', { HTTPS_PROXY: 'http://p:1' }, 'http://p:1/'],
    ['https://a.b/x', { HTTP_PROXY: 'p:1' }, 'http://p:1/'],
    ['http://a.b/x', { HTTPS_PROXY: 'http://p:1' }, null],
    ['https://a.b/x', { https_proxy: 'http://low:1', HTTPS_PROXY: 'http://up:1' }, 'http://low:1/'],
    ['https://a.b/x', { HTTPS_PROXY: 'http://p:1', NO_PROXY: 'c.d, .b' }, null],
    ['https://a.b/x', { HTTPS_PROXY: 'http://p:1', NO_PROXY: '*' }, null],
    ['https://a.b/x', { HTTPS_PROXY: 'http://p:1', NO_PROXY: 'a.b:8080' }, 'http://p:1/'],
    ['https://xa.b/x', { HTTPS_PROXY: 'http://p:1', NO_PROXY: 'a.b' }, 'http://p:1/'],
  ];
  for (const [url, variables, wanted] of proxies) {
    it(`goes to ${url} ${wanted === null ? 'directly' : `through ${wanted}`} with ${JSON.stringify(variables)}`, () => {
      assert.equal(proxyFor(new URL(url), variables)?.href ?? null, wanted);
    });
  }
});
