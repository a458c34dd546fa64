// One HTTP request, directly or through HTTP(S)_PROXY. Node's own `fetch` knows no proxies before Node 24.
import http from 'node:http';
import https from 'node:https';
import tls from 'node:tls';

export interface RequestOptions {
  /** HTTPS_PROXY, HTTP_PROXY and NO_PROXY are read from here. */
  variables: Readonly<Record<string, string | undefined>>;
  signal?: AbortSignal;
  /** A connection that brings nothing for this long counts as cut. */
  stallMs?: number;
  /** Default GET. */
  method?: 'GET' | 'HEAD';
}

/** HTTP_PROXY or HTTPS_PROXY is no address; trying again would not help. */
export class ProxyAddressError extends Error {
  override readonly name = 'ProxyAddressError';

  constructor(proxy: string) {
    super(`The proxy address "${proxy}" is not a URL.`);
  }
}

const MOST_REDIRECTS = 5;

/** Follows redirects, but never from HTTPS to plain HTTP; a token goes to no other host. */
export async function get(
  url: string,
  headers: Record<string, string>,
  options: RequestOptions,
  redirects = 0,
): Promise<http.IncomingMessage> {
  const response = await request(new URL(url), headers, options);
  const { statusCode = 0 } = response;
  const { location } = response.headers;
  if (statusCode < 300 || statusCode >= 400 || location === undefined) return response;
  response.destroy();
  const next = new URL(location, url);
  if (redirects >= MOST_REDIRECTS) throw new Error('too many redirects');
  if (url.startsWith('https:') && next.protocol !== 'https:') {
    throw new Error(`redirected to the insecure ${next.host}`);
  }
  const { authorization: _, ...others } = headers;
  return get(next.href, next.host === new URL(url).host ? headers : others, options, redirects + 1);
}

/** One answer, a redirect too. The caller reads or destroys it. */
export function request(
  url: URL,
  headers: Record<string, string>,
  options: RequestOptions,
): Promise<http.IncomingMessage> {
  const { variables, signal, stallMs = 30_000, method = 'GET' } = options;
  const proxy = proxyFor(url, variables);
  if (proxy !== null && url.protocol === 'https:') return throughTunnel(url, proxy, headers, options);
  return new Promise((resolve, reject) => {
    const client = (proxy ?? url).protocol === 'https:' ? https : http;
    // A plain proxy gets the whole address as the path.
    const sent =
      proxy === null
        ? client.request(url, { method, headers, signal, agent: false, timeout: stallMs }, resolve)
        : client.request(
            proxy,
            {
              method,
              path: url.href,
              headers: { ...headers, host: url.host, ...authorization(proxy) },
              signal,
              agent: false,
              timeout: stallMs,
            },
            resolve,
          );
    sent.once('timeout', () => sent.destroy(new Error(`no answer for ${stallMs / 1000} s`)));
    sent.once('error', reject);
    sent.end();
  });
}

/** HTTPS through a proxy: CONNECT first, then TLS with the server itself inside that connection. */
function throughTunnel(
  url: URL,
  proxy: URL,
  headers: Record<string, string>,
  { signal, stallMs = 30_000, method = 'GET' }: RequestOptions,
): Promise<http.IncomingMessage> {
  const authority = `${url.hostname}:${url.port || 443}`;
  return new Promise((resolve, reject) => {
    const connect = (proxy.protocol === 'https:' ? https : http).request(proxy, {
      method: 'CONNECT',
      path: authority,
      headers: { host: authority, ...authorization(proxy) },
      signal,
      agent: false,
      timeout: stallMs,
    });
    connect.once('timeout', () => connect.destroy(new Error(`the proxy gave no answer for ${stallMs / 1000} s`)));
    connect.once('error', reject);
    connect.once('connect', (answer, socket) => {
      if (answer.statusCode !== 200) {
        socket.destroy();
        return reject(new Error(`the proxy ${proxy.host} answered ${answer.statusCode}`));
      }
      const createConnection = () => tls.connect({ socket, servername: url.hostname });
      const sent = https.request(url, { method, headers, signal, createConnection, timeout: stallMs }, resolve);
      sent.once('timeout', () => sent.destroy(new Error(`no answer for ${stallMs / 1000} s`)));
      sent.once('error', reject);
      sent.end();
    });
    connect.end();
  });
}

function authorization({ username, password }: URL): Record<string, string> {
  if (username === '') return {};
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { 'proxy-authorization': `Basic ${Buffer.from(pair).toString('base64')}` };
}

/** The conventions of curl: lower case first, NO_PROXY as a list of host suffixes or `*`. Null: connect directly. */
export function proxyFor(url: URL, variables: Readonly<Record<string, string | undefined>>): URL | null {
  const value = (name: string) => variables[name.toLowerCase()] || variables[name] || '';
  const direct = value('NO_PROXY')
    .split(',')
    .map(each => each.trim().toLowerCase());
  for (const entry of direct) {
    if (entry === '') continue;
    const [host = '', port] = entry.replace(/^\*?\./, '').split(':');
    if (port !== undefined && port !== (url.port || (url.protocol === 'https:' ? '443' : '80'))) continue;
    if (entry === '*' || url.hostname === host || url.hostname.endsWith(`.${host}`)) return null;
  }
  const proxy = url.protocol === 'https:' ? value('HTTPS_PROXY') || value('HTTP_PROXY') : value('HTTP_PROXY');
  if (proxy === '') return null;
  try {
    return new URL(proxy.includes('://') ? proxy : `http://${proxy}`);
  } catch {
    throw new ProxyAddressError(proxy);
  }
}
