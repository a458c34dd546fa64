// Serves VS Code with this extension to a browser: on the loopback address alone, behind a token.
import fs from 'node:fs';
import path from 'node:path';
import { scratchFolder, startServer } from '../../test/host/server.mjs';
import { findHost } from '../../test/host/versions.mjs';

/** Kept between starts: settings, open editors, trust. Git-ignored. */
const PROFILE = path.resolve('.vscode-test/served');

const SETTINGS = {
  'security.workspace.trust.enabled': false, // What it opens is this very project, which the person has just run.
  'workbench.startupEditor': 'none',
  'chat.disableAIFeatures': true,
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'files.autoSave': 'off',
  'telemetry.telemetryLevel': 'off',
};

/** @returns {Promise<{ url: string, ended: Promise<void>, close: () => Promise<void> }>} */
export async function serve({ folder, file, port }) {
  const extensions = path.join(PROFILE, 'extensions');
  fs.mkdirSync(path.join(PROFILE, 'User'), { recursive: true });
  fs.mkdirSync(extensions, { recursive: true });
  fs.writeFileSync(path.join(extensions, 'extensions.json'), JSON.stringify([installedHere()]));
  const settings = path.join(PROFILE, 'User/settings.json');
  if (!fs.existsSync(settings)) fs.writeFileSync(settings, JSON.stringify(SETTINGS, null, 2));

  const temporary = scratchFolder();
  const server = await startServer({
    host: findHost(),
    userData: PROFILE,
    extensions,
    temporary,
    port,
    workspaceTrust: true, // As the settings say.
    log: path.join(PROFILE, 'server.log'),
  });
  const close = async () => {
    await server.close();
    fs.rmSync(temporary, { recursive: true, force: true });
  };
  const ended = new Promise(resolve => server.process.once('exit', resolve)).then(close);
  return { url: addressOf(server, folder, file), ended, close };
}

/** The entry of VS Code's list of installed extensions that points at this very folder: no package, no copy. */
function installedHere() {
  const { publisher, name, version } = JSON.parse(fs.readFileSync('package.json', 'utf8'));
  return {
    identifier: { id: `${publisher}.${name}` },
    version,
    location: { $mid: 1, path: process.cwd(), scheme: 'file' },
    metadata: { installedTimestamp: Date.now(), source: 'vsix' },
  };
}

function addressOf({ port, token }, folder, file) {
  const authority = `127.0.0.1:${port}`;
  const payload = [['openFile', `vscode-remote://${authority}${encodeURI(file)}`]];
  return `http://${authority}/?${new URLSearchParams({ tkn: token, folder, payload: JSON.stringify(payload) })}`;
}
