// Stands in for a training child: speaks the protocol by hand, takes steps by the clock, needs no TensorFlow.
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';

const [folder, flag] = process.argv.slice(2);
const { plan, protocol } = JSON.parse(fs.readFileSync(path.join(folder, 'start.json'), 'utf8'));
if (plan.dies) {
  process.stderr.write('fake child: cannot go on\n');
  process.exit(3);
}

const log = path.join(folder, 'events.jsonl');
const old = fs.existsSync(log) ? fs.readFileSync(log, 'utf8') : '';
const whole = old.slice(0, old.lastIndexOf('\n') + 1);
fs.writeFileSync(log, whole);
let next = whole.split('\n').length - 1;
const watchers = new Set();

function emit(event) {
  const line = JSON.stringify({ time: Date.now(), ...event });
  fs.appendFileSync(log, `${line}\n`);
  for (const socket of watchers) socket.write(`{"number":${next},"event":${line}}\n`);
  next++;
}

const token = 'secret';
const spoken = plan.protocol ?? protocol;
let paused = false;
let stop = false;

const server = net.createServer(socket => {
  let text = '';
  let attached = false;
  socket.setEncoding('utf8');
  socket.on('error', () => {});
  socket.on('close', () => watchers.delete(socket));
  socket.on('data', data => {
    const lines = (text + data).split('\n');
    text = lines.pop();
    for (const line of lines) {
      const message = JSON.parse(line);
      if (!attached) {
        if (message.attach?.token !== token) {
          socket.end(`${JSON.stringify({ refused: 'wrong token' })}\n`);
          return;
        }
        attached = true;
        socket.write(
          `${JSON.stringify({ hello: { protocol: spoken, pid: process.pid, run: path.basename(folder), next } })}\n`,
        );
        watchers.add(socket);
      } else if (message.command === 'pause') {
        paused = true;
        emit({ type: 'paused', epoch: 1, step, because: 'command' });
      } else if (message.command === 'resume') {
        paused = false;
        emit({ type: 'resumed', epoch: 1, step });
      } else if (message.command === 'stop') {
        stop = true;
      }
    }
  });
});

const address =
  process.platform === 'win32'
    ? `\\\\.\\pipe\\fake-${process.pid}`
    : path.join(os.tmpdir(), `fake-${process.pid}.sock`);
server.listen(address, () => {
  fs.writeFileSync(
    path.join(folder, 'child.json'),
    JSON.stringify({ pid: process.pid, protocol: spoken, address, token: plan.token ?? token }),
  );
  emit({
    type: 'ready',
    pid: process.pid,
    protocol: spoken,
    backend: { kind: 'native', name: 'fake', versions: {}, node: '', platform: '', threads: null, oneDNN: null },
  });
  const resumedFrom = flag === '--resume' ? { epoch: 0, step } : undefined;
  emit({
    type: 'started',
    model: 'fake',
    task: 'fit',
    params: 1,
    trainableParams: 1,
    epochs: 1,
    stepsPerEpoch: plan.steps,
    samples: 1,
    validationSamples: 0,
    batchSize: 1,
    metrics: ['loss'],
    monitor: { metric: 'loss', mode: 'min' },
    execution: { mode: 'compiled' },
    resumedFrom,
  });
  setInterval(tick, 5);
});

// A checkpoint after ten steps, and nothing else of a run's state.
const checkpoint = path.join(folder, 'checkpoints/last/state.json');
let step = flag === '--resume' ? JSON.parse(fs.readFileSync(checkpoint, 'utf8')).step : 0;

function tick() {
  if (paused) return;
  if (stop || step >= plan.steps) {
    emit({
      type: 'ended',
      reason: stop ? 'stopped' : 'finished',
      epoch: 1,
      step,
      metrics: { loss: 1 / step },
      output: 'model',
    });
    fs.rmSync(path.join(folder, 'child.json'));
    process.exit(0);
  }
  step++;
  emit({ type: 'step', step, epoch: 1, metrics: { loss: 1 / step }, learningRate: 0.1, samplesPerSecond: 200 });
  if (step === 10) {
    fs.mkdirSync(path.dirname(checkpoint), { recursive: true });
    fs.writeFileSync(checkpoint, JSON.stringify({ step }));
  }
}
