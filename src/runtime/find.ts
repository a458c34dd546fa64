// Lists the runtimes the training child could use, best first, each with the reason where it cannot be used.
import fs from 'node:fs/promises';
import path from 'node:path';
import { refreshPackage } from './binding';
import type { Environment } from './environment';
import { describeNode, findNodes, type NodeExecutable } from './node-executable';
import { cacheFolder, installedFolder, packageFolder, PACKAGES } from './places';
import { selfTest } from './self-test';

export type RuntimeSource = 'MODELWRIGHT_RUNTIME' | 'workspace' | 'installed' | 'embedded';

/** Something the training child can run on. */
export interface Runtime {
  kind: 'native' | 'embedded';
  source: RuntimeSource;
  /** The folder whose node_modules holds the package; null for the embedded JavaScript one. */
  folder: string | null;
  packageName: string;
  /** Of TensorFlow.js, for example 4.22.0. */
  tfjs: string | null;
  /** Of the TensorFlow C library beneath, for example 2.21.0; null for the embedded one. */
  tensorflow: string | null;
  node: NodeExecutable;
}

export type Candidate =
  | { source: RuntimeSource; folder: string | null; usable: true; runtime: Runtime }
  | { source: RuntimeSource; folder: string | null; usable: false; reason: string };

export interface FindOptions {
  /** The folder whose own node_modules is looked at first. */
  workspaceFolder?: string;
  /** Nothing of an untrusted workspace is run. */
  trusted: boolean;
  /** Where the extension has installed a runtime; the command line's cache folder is always looked at too. */
  storageFolder?: string;
  env: Environment;
  /** Test again what was tested before. */
  fresh?: boolean;
  /** Leave out what comes after the first usable one. */
  stopAtFirst?: boolean;
  signal?: AbortSignal;
}

/**
 * Every place in order: MODELWRIGHT_RUNTIME, the workspace's own, the installed ones, the embedded one. The last is
 * always usable, so the list always has a usable entry, unless MODELWRIGHT_RUNTIME=embedded makes it the only one.
 */
export async function findRuntimes(options: FindOptions): Promise<Candidate[]> {
  const { env } = options;
  const nodes = await findNodes(env);
  const candidates: Candidate[] = [];
  for (const place of placesInOrder(options)) {
    candidates.push(await candidateAt(place, nodes, options));
    if (options.stopAtFirst && candidates.at(-1)?.usable) return candidates;
  }
  const node = nodes[0] ?? { ...env.host, source: 'this process' as const };
  candidates.push({
    source: 'embedded',
    folder: null,
    usable: true,
    runtime: {
      kind: 'embedded',
      source: 'embedded',
      folder: null,
      packageName: '@tensorflow/tfjs',
      tfjs: null,
      tensorflow: null,
      node,
    },
  });
  return candidates;
}

/** The best usable runtime; at worst the embedded one. */
export async function chooseRuntime(options: FindOptions): Promise<Runtime> {
  const candidates = await findRuntimes({ ...options, stopAtFirst: true });
  return chosenOf(candidates);
}

/** @throws if no candidate is usable, which `findRuntimes` never returns. */
export function chosenOf(candidates: readonly Candidate[]): Runtime {
  for (const candidate of candidates) if (candidate.usable) return candidate.runtime;
  throw new Error('The list of runtimes lacks the embedded one.');
}

/** What a training child is started with: `runs` puts it together with the child's program. */
export interface Launch {
  node: string;
  env: Record<string, string>;
  /** The folder whose node_modules has the package; null for the embedded runtime. */
  tfjsNodeFolder: string | null;
}

export function launchOf(runtime: Runtime, { variables }: Environment): Launch {
  return {
    node: runtime.node.path,
    env: {
      // TensorFlow greets on stderr with its build options; warnings and errors still come through.
      TF_CPP_MIN_LOG_LEVEL: variables['TF_CPP_MIN_LOG_LEVEL'] ?? '1',
      ...(runtime.node.electron ? { ELECTRON_RUN_AS_NODE: '1' } : {}),
    },
    tfjsNodeFolder: runtime.folder,
  };
}

interface Place {
  source: RuntimeSource;
  folder: string;
  /** Why it may not be used, whatever is there. */
  refused?: string;
}

function placesInOrder({ env, workspaceFolder, trusted, storageFolder }: FindOptions): Place[] {
  const wanted = env.variables['MODELWRIGHT_RUNTIME'];
  if (wanted === 'embedded') return [];
  const places: Place[] = [];
  if (wanted) places.push({ source: 'MODELWRIGHT_RUNTIME', folder: path.resolve(wanted) });
  if (workspaceFolder !== undefined) {
    const refused = trusted ? undefined : 'the workspace is not trusted, so nothing in it is run';
    places.push({ source: 'workspace', folder: workspaceFolder, refused });
  }
  for (const storage of [storageFolder, cacheFolder(env)]) {
    if (storage === undefined) continue;
    const folder = installedFolder(storage);
    if (!places.some(place => place.folder === folder)) places.push({ source: 'installed', folder });
  }
  return places;
}

async function candidateAt(place: Place, nodes: readonly NodeExecutable[], options: FindOptions): Promise<Candidate> {
  const { source, folder } = place;
  const unusable = (reason: string): Candidate => ({ source, folder, usable: false, reason });
  const packageName = await packageAt(folder);
  if (packageName === undefined) return unusable(await whyNoPackage(place));
  if (place.refused !== undefined) return unusable(place.refused);
  if (nodes.length === 0) return unusable('there is no Node.js 20 or later to run it');
  const { env, fresh, signal } = options;
  if (source === 'installed') await refreshPackage(folder, env);
  const reasons: string[] = [];
  for (const node of nodes) {
    const test = await selfTest(packageFolder(folder, packageName), node, {
      env,
      fresh,
      signal,
      cacheFolder: cacheFolder(env),
    });
    if (test.ok) {
      const { tfjs, tensorflow } = test;
      return {
        source,
        folder,
        usable: true,
        runtime: { kind: 'native', source, folder, packageName, tfjs, tensorflow, node },
      };
    }
    reasons.push(
      reasons.length === 0 || test.reason === reasons[0] ? test.reason : `with ${describeNode(node)}: ${test.reason}`,
    );
  }
  return unusable([...new Set(reasons)].join('; '));
}

async function packageAt(folder: string): Promise<string | undefined> {
  for (const name of PACKAGES) {
    const manifest = path.join(packageFolder(folder, name), 'package.json');
    if (
      await fs.access(manifest).then(
        () => true,
        () => false,
      )
    )
      return name;
  }
  return undefined;
}

async function whyNoPackage({ source, folder }: Place): Promise<string> {
  const exists = await fs.access(folder).then(
    () => true,
    () => false,
  );
  if (source === 'installed') return exists ? 'its files are incomplete' : 'nothing has been installed there yet';
  if (!exists) return 'the folder does not exist';
  return 'it has no @tensorflow/tfjs-node in its node_modules';
}
