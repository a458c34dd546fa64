/** The page of an evaluation: a checkpoint held against a file of examples. */
import './shared/page.css';
import type { FromEvaluation, ToEvaluation } from '../src/protocol/evaluation-page';
import { evaluationView } from './shared/evaluation';
import { count } from './shared/format';
import { connect, element, setText } from './shared/host';

const host = connect<undefined>();
const send = (message: FromEvaluation): void => host.postMessage(message);
const title = element('h1');
const facts = element('p', { className: 'faint', attributes: { role: 'status', 'aria-live': 'polite' } });
const body = element('main');
document.body.append(title, facts, body);

window.addEventListener('message', (event: MessageEvent<ToEvaluation>) => {
  const message = event.data;
  setText(title, message.title);
  document.title = message.title;
  switch (message.type) {
    case 'busy': {
      const done = message.share === null ? '' : ` ${Math.round(100 * message.share)} %`;
      setText(facts, `Evaluating …${done}`);
      break;
    }
    case 'failed':
      setText(facts, `${message.message} ${message.hint}`);
      break;
    case 'evaluation':
      setText(facts, `${message.task.replaceAll('-', ' ')} · ${count(message.rows)} examples`);
      body.replaceChildren(evaluationView(message.evaluation));
      break;
  }
});

send({ type: 'ready' });
