/** Checkpoints by name: folders, Python's cache, and downloads over connections that break. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { CheckpointError } from '../../../src/bert/checkpoint-error';
import { neededFiles } from '../../../src/bert/hub/cache';
import { hubSettings, locateCheckpoint, parseHubId, type LocateOptions } from '../../../src/bert/hub/index';
import { commit, FakeHub, type FakeHubOptions } from './fake-hub';

/** Bytes that repeat with no short period, so that a part in the wrong place shows. */
const weights = Buffer.from(Uint8Array.from({ length: 300_000 }, (_, i) => (i * i + (i >> 8)) & 0xff));
const files: Record<string, Buffer> = {
  'config.json': Buffer.from('{"model_type":"bert"}'),
  'vocab.txt': Buffer.from('[PAD]\n[UNK]\n'),
  'model.safetensors': weights,
  'pytorch_model.bin': weights,
  'tf_model.h5': weights,
  'README.md': Buffer.from('# A model\n'),
};

describe('a checkpoint by name', () => {
  let cache: string;
  let hub: FakeHub | undefined;
  beforeEach(() => (cache = fs.mkdtempSync(path.join(os.tmpdir(), 'modelwright-hub-'))));
  afterEach(() => {
    hub?.close();
    fs.rmSync(cache, { recursive: true, force: true });
  });

  async function optionsFor(more: Partial<FakeHubOptions> = {}, variables = {}): Promise<LocateOptions> {
    hub = new FakeHub({ files, large: ['model.safetensors'], ...more });
    const settings = hubSettings({ HF_ENDPOINT: await hub.listen(), HF_HUB_CACHE: cache, ...variables }, cache);
    return { settings, pauseMs: 1, attempts: 2 };
  }

  const locate = async (more?: Partial<FakeHubOptions>, variables?: object): Promise<string> =>
    (await locateCheckpoint('team/tiny', await optionsFor(more, variables))).folder;

  const fails = (work: Promise<unknown>, message: RegExp, hint: RegExp): Promise<void> =>
    assert.rejects(work, (error: unknown) => {
      assert.ok(error instanceof CheckpointError, String(error));
      assert.match(error.message, message);
      assert.match(error.hint, hint);
      return true;
    });

  it('is a folder where there is one', async () => {
    assert.deepEqual(await locateCheckpoint(cache), { folder: cache, source: 'folder' });
  });

  it('is downloaded into the layout of Python’s cache, only what is needed', async () => {
    const folder = await locate();
    assert.equal(folder, path.join(cache, 'models--team--tiny', 'snapshots', commit));
    assert.deepEqual(fs.readdirSync(folder).sort(), ['config.json', 'model.safetensors', 'vocab.txt']);
    for (const name of fs.readdirSync(folder)) assert.deepEqual(fs.readFileSync(path.join(folder, name)), files[name]);
    assert.match(fs.readlinkSync(path.join(folder, 'model.safetensors')), /^\.\.\/\.\.\/blobs\/[0-9a-f]{64}$/);
    assert.match(fs.readlinkSync(path.join(folder, 'config.json')), /^\.\.\/\.\.\/blobs\/[0-9a-f]{40}$/);
    assert.equal(fs.readFileSync(path.join(cache, 'models--team--tiny/refs/main'), 'utf8'), commit);
    assert.ok(fs.readdirSync(path.join(cache, 'models--team--tiny/blobs')).every(name => !name.includes('incomplete')));
  });

  it('is taken from the cache the next time, without a question', async () => {
    await locate();
    hub!.close();
    const settings = hubSettings({ HF_ENDPOINT: 'http://127.0.0.1:9', HF_HUB_CACHE: cache, HF_HUB_OFFLINE: '1' });
    for (const name of ['team/tiny', `team/tiny@${commit}`]) {
      const { source, folder } = await locateCheckpoint(name, { settings });
      assert.equal(source, 'cache');
      assert.ok(fs.existsSync(path.join(folder, 'config.json')));
    }
  });

  it('tells how far each file is', async () => {
    const seen: string[] = [];
    let last = 0;
    await locateCheckpoint('team/tiny', {
      ...(await optionsFor()),
      onProgress: ({ file, index, files: count, done, total }) => {
        if (!seen.includes(file)) seen.push(file);
        if (file === 'model.safetensors') last = done / total!;
        assert.ok(index <= count && done <= total!);
      },
    });
    assert.deepEqual(seen, ['config.json', 'vocab.txt', 'model.safetensors']);
    assert.equal(last, 1);
  });

  it('is resumed where the connection was cut, as often as it brings something', async () => {
    const folder = await locate({ most: 70_000 });
    assert.deepEqual(fs.readFileSync(path.join(folder, 'model.safetensors')), weights);
    const ranges = hub!.asked.filter(({ path: asked, method }) => asked.startsWith('/storage/') && method === 'GET');
    assert.ok(ranges.length > 1);
    assert.ok(ranges.slice(1).every(({ range }) => /^bytes=[1-9]\d*-$/.test(range ?? '')));
  });

  it('goes on with what an earlier process has left, and starts again if that was wrong', async () => {
    const first = await locate();
    const blob = fs.readlinkSync(path.join(first, 'model.safetensors')).split('/').pop()!;
    hub!.close();
    const gone = new Date(Date.now() - 3_600_000);
    for (const [owner, left] of [
      ['', weights.subarray(0, 100_000)],
      [`.${os.hostname().replace(/[^\w-]/g, '-')}.4194305.0`, weights.subarray(0, 100_000)], // No system has this process.
      ['.elsewhere.1.0', Buffer.alloc(100_000)],
    ] as const) {
      fs.rmSync(path.join(cache, 'models--team--tiny'), { recursive: true });
      fs.mkdirSync(path.join(cache, 'models--team--tiny/blobs'), { recursive: true });
      const part = path.join(cache, 'models--team--tiny/blobs', `${blob}${owner}.incomplete`);
      fs.writeFileSync(part, left);
      fs.utimesSync(part, gone, gone);
      const folder = await locate();
      assert.deepEqual(fs.readFileSync(path.join(folder, 'model.safetensors')), weights);
      const ranges = hub!.asked.flatMap(({ path: asked, range }) => (asked.startsWith('/storage/') ? [range] : []));
      assert.equal(ranges[0], 'bytes=100000-');
      assert.deepEqual(
        fs.readdirSync(path.dirname(part)).filter(name => name.includes('incomplete')),
        [],
      );
      hub!.close();
    }
  });

  it('leaves alone what another process is writing', async () => {
    const first = await locate();
    const blob = fs.readlinkSync(path.join(first, 'model.safetensors')).split('/').pop()!;
    hub!.close();
    fs.rmSync(path.join(cache, 'models--team--tiny'), { recursive: true });
    const part = path.join(cache, 'models--team--tiny/blobs', `${blob}.incomplete`);
    fs.mkdirSync(path.dirname(part), { recursive: true });
    fs.writeFileSync(part, weights.subarray(0, 1000));
    await locate();
    assert.deepEqual(fs.readFileSync(part), weights.subarray(0, 1000));
  });

  it('is whole for two processes that fetch it at the same time', async function () {
    this.timeout(60_000);
    const { settings } = await optionsFor({ most: 20_000 });
    const program = path.resolve('test/unit/bert/locate-child.ts');
    const fetched = await Promise.all(
      [1, 2].map(async () => {
        const child = spawn(process.execPath, ['--import=tsx', program, settings!.endpoint, cache], { stdio: 'pipe' });
        let [out, err] = ['', ''];
        child.stdout.on('data', (data: Buffer) => (out += data.toString()));
        child.stderr.on('data', (data: Buffer) => (err += data.toString()));
        const [code] = (await once(child, 'close')) as [number];
        assert.equal(code, 0, err);
        return out.trim();
      }),
    );
    assert.equal(fetched[0], fetched[1]);
    for (const [name, content] of Object.entries(files)) {
      if (fs.existsSync(path.join(fetched[0]!, name))) {
        assert.deepEqual(fs.readFileSync(path.join(fetched[0]!, name)), content, name);
      }
    }
    assert.deepEqual(fs.readFileSync(path.join(fetched[0]!, 'model.safetensors')), weights);
    const blobs = fs.readdirSync(path.join(cache, 'models--team--tiny/blobs'));
    assert.ok(
      blobs.every(name => /^[0-9a-f]+$/.test(name)),
      blobs.join(' '),
    );
  });

  it('is refused when a file’s hash is wrong, and nothing of it is kept', async () => {
    const forged = Buffer.from(weights);
    forged[12_345]! ^= 1;
    const options = { forged, files: { ...files, 'config.json': weights, 'vocab.txt': weights } };
    await fails(locate(options), /hash is wrong/, /Try again/);
    assert.deepEqual(fs.readdirSync(path.join(cache, 'models--team--tiny/blobs')), []);
    assert.ok(!fs.existsSync(path.join(cache, 'models--team--tiny/refs')));
  });

  it('needs a token where the hub asks for one, which is never sent to another host', async () => {
    await fails(locate({ token: 'secret' }), /does not give team\/tiny without a token/, /HF_TOKEN/);
    hub!.close();
    assert.ok(fs.existsSync(await locate({ token: 'secret' }, { HF_TOKEN: ' secret\n' })));
    const elsewhere = hub!.asked.filter(({ path: asked }) => asked.startsWith('/storage/'));
    assert.ok(elsewhere.length > 0 && elsewhere.every(({ authorization }) => authorization === undefined));
    hub!.close();
    fs.rmSync(path.join(cache, 'models--team--tiny'), { recursive: true });
    fs.writeFileSync(path.join(cache, 'token'), 'secret\n');
    assert.ok(fs.existsSync(await locate({ token: 'secret' }, { HF_HOME: cache })));
  });

  it('says what the hub’s refusals mean', async () => {
    await fails(locate({ status: 404, errorCode: 'RepoNotFound' }), /no model team\/tiny/, /spelling/);
    hub!.close();
    await fails(locate({ status: 404, errorCode: 'RevisionNotFound' }), /no revision main/, /branch/);
    hub!.close();
    await fails(locate({ status: 403, errorCode: 'GatedRepo' }), /accepted its conditions/, /HF_TOKEN/);
    hub!.close();
    await fails(locate({ status: 503 }), /503/, /later|local folder/);
  });

  it('says both ways out when it is offline', async () => {
    await fails(locate({}, { HF_HUB_OFFLINE: '1' }), /not in the cache.*HF_HUB_OFFLINE is set/, /local folder.*copy/);
    assert.equal(hub!.asked.length, 0);
    hub!.close();
    await fails(locate({}, { HF_ENDPOINT: 'http://127.0.0.1:9' }), /did not answer/, /local folder.*copy/);
  });

  it('says that a proxy address is none', async () => {
    await fails(locate({}, { HTTP_PROXY: 'http://:::' }), /"http:\/\/:::" is not a URL/, /Correct/);
  });

  it('needs weights that can be read', async () => {
    const { 'config.json': config, 'tf_model.h5': other } = files;
    await fails(locate({ files: { 'config.json': config!, 'tf_model.h5': other! } }), /no weights/, /transformers/);
  });

  it('comes in parts where its index says so', async () => {
    const index = { weight_map: { a: 'model-1.safetensors', b: 'model-2.safetensors', c: '../../escape' } };
    const { 'config.json': config, 'vocab.txt': vocabulary } = files;
    const parts = { 'model-1.safetensors': weights, 'model-2.safetensors': weights.subarray(7) };
    const all = {
      'config.json': config!,
      'vocab.txt': vocabulary!,
      'model.safetensors.index.json': Buffer.from(JSON.stringify(index)),
      'pytorch_model.bin': weights,
      ...parts,
    };
    const folder = await locate({ files: all, large: Object.keys(parts) });
    assert.deepEqual(
      fs.readdirSync(folder).sort(),
      Object.keys(all)
        .filter(name => name !== 'pytorch_model.bin')
        .sort(),
    );
  });

  it('has its id checked before anyone is asked', async () => {
    for (const wrong of ['../up', 'a/b/c', '/nowhere/at/all', 'a--b', 'x y', 'name@', 'name@../../x']) {
      assert.equal(parseHubId(wrong), null, wrong);
    }
    assert.deepEqual(parseHubId('bert-base-uncased'), { repository: 'bert-base-uncased', revision: 'main' });
    assert.deepEqual(parseHubId('a/b@v1.0'), { repository: 'a/b', revision: 'v1.0' });
    await fails(locateCheckpoint('/nowhere/at/all'), /no folder \/nowhere\/at\/all/, /config\.json/);
  });
});

describe('the cache', () => {
  it('lies where Python’s variables say', () => {
    const at = (variables: object): string => hubSettings({ ...variables }, path.resolve('/h')).cache;
    assert.equal(at({}), path.resolve('/h/.cache/huggingface/hub'));
    assert.equal(at({ XDG_CACHE_HOME: path.resolve('/x') }), path.resolve('/x/huggingface/hub'));
    assert.equal(at({ HF_HOME: '~/hf' }), path.join(path.resolve('/h'), 'hf', 'hub'));
    assert.equal(at({ HF_HOME: '/hf', HF_HUB_CACHE: path.resolve('/c') }), path.resolve('/c'));
  });

  it('is asked only for what a checkpoint needs', () => {
    assert.deepEqual(
      neededFiles(['flax_model.msgpack', 'config.json', 'pytorch_model.bin', 'spiece.model', 'onnx/a.onnx']),
      ['config.json', 'pytorch_model.bin', 'spiece.model'],
    );
    assert.deepEqual(neededFiles(['tokenizer.json', 'spiece.model', 'model.safetensors']), [
      'tokenizer.json',
      'model.safetensors',
    ]);
  });
});
