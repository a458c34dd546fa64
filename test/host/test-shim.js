// Loaded by VS Code as the extension tests: sends what the suite prints to the wrapper, then runs the real suite.
// VS Code makes console.log and process.stdout.write unassignable in the extension host and mixes their output into the
// window's log; so the objects themselves are replaced.
'use strict';
const fs = require('fs');
const { Console } = require('console');
const { Writable } = require('stream');
const { pathToFileURL } = require('url');

exports.run = async () => {
  const output = fs.openSync(process.env.VSCODE_HOST_TEST_OUTPUT, 'a');
  const put = (stream, text) => fs.writeSync(output, `${JSON.stringify([stream, text])}\n`);
  const stdout = sink(text => put(1, text), process.stdout.fd);
  const stderr = sink(text => put(2, text), process.stderr.fd);
  Object.defineProperty(process, 'stdout', { configurable: true, get: () => stdout });
  Object.defineProperty(process, 'stderr', { configurable: true, get: () => stderr });
  globalThis.console = new Console({ stdout, stderr });
  put(1, ''); // The wrapper now knows that the tests have started.
  try {
    const suite = await load(process.env.VSCODE_HOST_TESTS);
    await (suite.run ?? suite.default?.run ?? suite.default)();
    put(0, '0');
  } catch (error) {
    put(0, '1');
    throw error; // VS Code prints it, through the console above, and ends the window.
  }
};

function sink(write, fd) {
  const stream = new Writable({
    decodeStrings: false,
    write(chunk, _encoding, done) {
      write(typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString());
      done();
    },
  });
  return Object.assign(stream, { fd, isTTY: false, columns: 120 });
}

async function load(file) {
  try {
    return require(file);
  } catch (error) {
    if (error.code !== 'ERR_REQUIRE_ESM') throw error;
    return import(pathToFileURL(file).href);
  }
}
