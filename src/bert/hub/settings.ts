/** Where the hub is, where its files are kept and who asks: the environment variables that Python's libraries read. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

export type Variables = Readonly<Record<string, string | undefined>>;

export interface HubSettings {
  readonly endpoint: string;
  /** Folder of `models--…`. */
  readonly cache: string;
  readonly token: string | null;
  readonly offline: boolean;
  readonly variables: Variables;
}

/** Source: huggingface_hub, constants.py and utils/_auth.py. */
export function hubSettings(variables: Variables = process.env, home = os.homedir()): HubSettings {
  const folder = (text: string): string => text.replace(/^~(?=$|[\\/])/, home);
  const cacheHome = variables['XDG_CACHE_HOME'] || path.join(home, '.cache');
  const hfHome = folder(variables['HF_HOME'] || path.join(cacheHome, 'huggingface'));
  const cache = variables['HF_HUB_CACHE'] || variables['HUGGINGFACE_HUB_CACHE'] || path.join(hfHome, 'hub');
  const tokenFile = folder(variables['HF_TOKEN_PATH'] || path.join(hfHome, 'token'));
  return {
    endpoint: (variables['HF_ENDPOINT'] || 'https://huggingface.co').replace(/\/+$/, ''),
    cache: folder(cache),
    token: clean(variables['HF_TOKEN'] ?? variables['HUGGING_FACE_HUB_TOKEN']) ?? clean(readToken(tokenFile)),
    offline: isTrue(variables['HF_HUB_OFFLINE']) || isTrue(variables['TRANSFORMERS_OFFLINE']),
    variables,
  };
}

function readToken(file: string): string | undefined {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

/** Tokens pasted with line ends around them are common. */
function clean(token: string | undefined): string | null {
  return token?.replace(/[\r\n]/g, '').trim() || null;
}

function isTrue(value: string | undefined): boolean {
  return /^(1|on|yes|true)$/i.test(value ?? '');
}
