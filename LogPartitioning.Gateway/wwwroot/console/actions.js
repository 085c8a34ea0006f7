// Forms that change something: their fields go to the API as JSON, its answer stands in their <output>. What cannot be taken back is asked about first.
const types = {
  number: value => Number(value),
  json: value => JSON.parse(value),
  // Numbers as a person writes them: "0, 3-5".
  partitions: value => value.trim() === 'all' ? 'all' : value.split(',').flatMap(part => {
    const [first, last = first] = part.split(/[-–]/).map(end => Number(end.trim() === '' ? NaN : end));
    if (!(first <= last && last - first <= 10_000)) {
      throw new SyntaxError('Partitions are all, or numbers such as 0, 3-5.');
    }
    return Array.from({ length: last - first + 1 }, (_, i) => first + i);
  }),
  partition: value => value.trim() === 'all' ? 'all' : Number(value),
  offset: value => /^\d+$/.test(value.trim()) ? Number(value) : value.trim(),
};

function bodyOf(form) {
  if (form.dataset.body) {
    return JSON.parse(form.dataset.body);
  }
  const body = {};
  for (const field of form.elements) {
    if (!field.name || field.disabled || (field.type === 'radio' && !field.checked)) {
      continue;
    }
    const value = field.type === 'checkbox' ? field.checked : field.value;
    if (value === '' && !field.hasAttribute('data-empty')) {
      continue;
    }
    const read = types[field.dataset.type]?.(value) ?? value;
    // A dead letter's own event stands beside its origin.
    body[field.name] = field.dataset.origin ? [{ ...JSON.parse(field.dataset.origin), event: read }] : read;
  }
  return body;
}

function ask(question) {
  return new Promise(resolve => {
    const dialog = document.createElement('dialog');
    dialog.className = 'ask';
    dialog.setAttribute('aria-label', 'Please confirm');
    const text = document.createElement('p');
    text.textContent = question;
    const form = document.createElement('form');
    form.method = 'dialog';
    const no = Object.assign(document.createElement('button'), { value: 'no', textContent: 'Cancel' });
    const yes = Object.assign(document.createElement('button'), { value: 'yes', textContent: 'Do it', className: 'primary' });
    form.append(no, yes);
    dialog.append(text, form);
    document.body.append(dialog);
    dialog.addEventListener('close', () => {
      resolve(dialog.returnValue === 'yes');
      dialog.remove();
    });
    dialog.showModal();
    no.focus();
  });
}

// An answer that has an outcome for each item may be one of failure.
async function outcomeOf(response, done) {
  const results = response.headers.get('Content-Type')?.includes('json') ? (await response.json()).results : null;
  return results ? [results.map(one => one.reason ? `${one.status}: ${one.reason}` : one.status).join('; '), results.every(one => one.status === 'replayed') ? 'good' : 'bad'] : [done, 'good'];
}

async function problemOf(response) {
  try {
    const problem = await response.json();
    const fields = Object.entries(problem.errors ?? {}).map(([name, rules]) => `${name} ${rules.join(', ')}`);
    return [problem.detail ?? problem.title, ...fields].filter(Boolean).join(' — ') || `HTTP ${response.status}`;
  } catch {
    return `HTTP ${response.status}`;
  }
}

document.addEventListener('submit', async event => {
  const form = event.target;
  if (!form.dataset.action) {
    return;
  }
  event.preventDefault();
  event.stopImmediatePropagation();
  const output = form.querySelector('output');
  const say = (text, tone) => {
    if (output) {
      output.textContent = text;
      output.dataset.tone = tone;
    }
  };
  let body;
  try {
    body = bodyOf(form);
  } catch (error) {
    say(error.message, 'bad');
    return;
  }
  if (form.dataset.confirm && !await ask(form.dataset.confirm)) {
    return;
  }
  say('…', '');
  form.toggleAttribute('busy', true);
  try {
    const method = form.dataset.method ?? 'POST';
    const response = await fetch(form.dataset.action, {
      method,
      ...(method === 'DELETE' || body === null ? {} : { headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) }),
    });
    if (response.ok) {
      const [text, tone] = await outcomeOf(response, form.dataset.done ?? 'Done.');
      say(text, tone);
      for (const live of document.querySelectorAll('lp-live')) {
        live.refresh();
      }
    } else {
      say(await problemOf(response), 'bad');
    }
  } catch {
    say('The gateway does not answer. Nothing is known of what became of it; look before you try again.', 'bad');
  } finally {
    form.toggleAttribute('busy', false);
  }
}, true);
