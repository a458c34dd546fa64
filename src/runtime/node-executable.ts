// Which Node.js runs the training child: the one we run in (VS Code's own Electron can act as Node), else one on PATH.
import { realpath } from 'node:fs/promises';
import path from 'node:path';
import type { Environment } from './environment';

export interface NodeExecutable {
  path: string;
  /** Without a leading v. */
  version: string;
  /** Started with ELECTRON_RUN_AS_NODE=1. */
  electron: boolean;
  source: 'MODELWRIGHT_NODE' | 'this process' | 'PATH';
}

/** The child's bundle is written for this version and later ones. */
export const OLDEST_NODE = 20;

/** In order of preference, each once; only executables that answer `--version` and are new enough. */
export async function findNodes(env: Environment): Promise<NodeExecutable[]> {
  const found: NodeExecutable[] = [];
  const wanted = env.variables['MODELWRIGHT_NODE'];
  if (wanted) found.push(...(await probe(env, wanted, 'MODELWRIGHT_NODE')));
  found.push({ ...env.host, source: 'this process' });
  const onPath = await probe(env, env.platform === 'win32' ? 'node.exe' : 'node', 'PATH');
  const known = new Set(await Promise.all(found.map(({ path: file }) => resolved(file))));
  for (const node of onPath) if (!known.has(await resolved(node.path))) found.push(node);
  return found.filter(({ version }) => Number(version.split('.')[0]) >= OLDEST_NODE);
}

async function probe(env: Environment, command: string, source: NodeExecutable['source']): Promise<NodeExecutable[]> {
  const script = 'console.log(JSON.stringify([process.execPath, process.versions.node, !!process.versions.electron]))';
  const { code, stdout } = await env.run(command, ['-e', script], {
    timeoutMs: 20_000,
    variables: { ELECTRON_RUN_AS_NODE: '1', NODE_OPTIONS: undefined },
  });
  if (code !== 0) return [];
  try {
    const [file, version, electron] = JSON.parse(stdout) as [string, string, boolean];
    return [{ path: file, version, electron, source }];
  } catch {
    return [];
  }
}

function resolved(file: string): Promise<string> {
  return realpath(file).catch(() => path.resolve(file));
}

/** How a person is told which Node it is. */
export function describeNode({ version, electron, source, path: file }: NodeExecutable): string {
  if (electron) return `VS Code's own Node ${version}`;
  return `Node ${version} (${source === 'PATH' ? `on the PATH, ${file}` : file})`;
}
