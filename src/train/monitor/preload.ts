/**
 * What runs before a monitored script in its own process (`node --require monitor.js script.js`): finds every copy of
 * tfjs-layers that the script loads, watches it, and leaves everything else alone. A process that the script forks
 * inherits the flag but not the settings, and runs as if this file were empty.
 */
import '../node-compat';
import Module from 'node:module';
import path from 'node:path';
import { isMainThread } from 'node:worker_threads';
import type { BackendInfo } from '../../protocol/messages';
import { Control } from '../control';
import { lendTensorFlow } from './lend';
import { Link } from './link';
import { MONITOR_VARIABLE, type MonitorSettings, type ScriptError } from './report';
import { Watch, type Layers } from './watch';

type Load = (request: string, ...rest: unknown[]) => unknown;

const loader = Module as unknown as { _load: Load };

/** What is asked of whichever TensorFlow.js the script uses, for the name of its back end. */
interface Core {
  getBackend?(): string;
  backend?(): { binding?: { TF_Version?: string } };
  version_core?: string;
}

const settings = process.env[MONITOR_VARIABLE];
delete process.env[MONITOR_VARIABLE];
if (settings !== undefined && isMainThread) monitor(JSON.parse(settings) as MonitorSettings);

function monitor({ script, runtime }: MonitorSettings): void {
  const control = new Control();
  const link = new Link(
    command => control.take(command),
    () => {
      process.stderr.write('Modelwright: the process that follows this run is gone, so the script ends here.\n');
      process.exit(1);
    },
  );
  let core: Core = {};
  let node = false;
  const watch = new Watch({
    control,
    send: report => link.send(report),
    hold: on => link.hold(on),
    backend: () => backendOf(core, node),
  });
  const load = loader._load;
  loader._load = function (request, ...rest) {
    const loaded = load.call(this, request, ...rest);
    // Most modules are none of TensorFlow's; their exports are not even looked at.
    if (!/tf/i.test(request) || typeof loaded !== 'object' || loaded === null) return loaded;
    if ('registerCallbackConstructor' in loaded && 'LayersModel' in loaded) watch.adopt(loaded as Layers);
    if ('getBackend' in loaded && 'version_core' in loaded) core = loaded as Core;
    if (/tfjs-node/.test(request)) node = true;
    return loaded;
  };
  if (runtime !== null) {
    lendTensorFlow(script, runtime, name =>
      link.send(['note', `The script cannot find ${name} itself; Modelwright's runtime lends it.`]),
    );
  }
  process.on('uncaughtExceptionMonitor', (error: unknown) => link.send(['error', describe(error, script)]));
  process.on('exit', () => link.flush());
}

function backendOf(core: Core, node: boolean): BackendInfo {
  const name = core.getBackend?.() ?? 'unknown';
  const version = core.version_core ?? 'unknown';
  const binding = name === 'tensorflow' ? core.backend?.().binding : undefined;
  return {
    kind: name === 'tensorflow' ? 'native' : 'embedded',
    name,
    versions: {
      [node ? 'tfjs-node' : 'tfjs']: version,
      ...(binding?.TF_Version !== undefined && { tensorflow: binding.TF_Version }),
    },
    node: process.version,
    platform: `${process.platform}-${process.arch}`,
    threads: null,
    oneDNN: name === 'tensorflow' ? process.env.TF_ENABLE_ONEDNN_OPTS !== '0' : null,
    ...(name !== 'tensorflow' && { because: 'the script asks for @tensorflow/tfjs, not for @tensorflow/tfjs-node' }),
  };
}

function describe(error: unknown, script: string): ScriptError {
  if (!(error instanceof Error)) return { name: '', message: String(error), place: '', code: '' };
  const { name, message, stack = '', code } = error as NodeJS.ErrnoException;
  return { name, message, place: placeOf(stack, path.dirname(script)), code: code ?? '' };
}

/** The first frame that is neither Node's nor a package's, relative to the script's folder. */
function placeOf(stack: string, folder: string): string {
  for (const line of stack.split('\n')) {
    const [, file, at] = /^ +at .*?((?:file:\/\/)?[^\s()]+):(\d+:\d+)\)?$/.exec(line) ?? [];
    if (file === undefined || /^node:|node_modules/.test(file)) continue;
    const plain = file.startsWith('file:') ? decodeURIComponent(new URL(file).pathname) : file;
    const relative = path.relative(folder, plain);
    return `${relative.startsWith('..') ? plain : relative}:${at}`;
  }
  return '';
}
