// A browser and what every script asks of a page: no errors, nothing from elsewhere, no refused request.
import { chromium } from 'playwright-core';

export async function open(gateway, { width = 1280, scheme = 'light', height = 900 } = {}) {
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox', '--disable-dev-shm-usage'] });
  const context = await browser.newContext({ baseURL: gateway, viewport: { width, height }, colorScheme: scheme, acceptDownloads: true });
  const page = await context.newPage();
  page.setDefaultTimeout(30_000);
  const faults = [];
  page.on('pageerror', error => faults.push(`${page.url()}: ${error.message}`));
  page.on('console', message => {
    if (message.type() === 'error') {
      faults.push(`${page.url()}: ${message.text()}`);
    }
  });
  page.on('request', request => {
    if (!request.url().startsWith(gateway) && !request.url().startsWith('data:') && !request.url().startsWith('blob:')) {
      faults.push(`${page.url()} asks elsewhere: ${request.url()}`);
    }
  });
  return { browser, context, page, faults };
}

// Runs a story against the gateway of the first argument, with the other arguments; ends with 1 where it is not as told.
export async function story(tell) {
  const [gateway, ...more] = process.argv.slice(2);
  const opened = await open(gateway.replace(/\/$/, ''));
  try {
    await tell(opened.page, more, opened);
    if (opened.faults.length > 0) {
      throw new Error(opened.faults.join('\n'));
    }
  } catch (error) {
    console.error(error.stack ?? error);
    console.error(`at ${opened.page.url()}, which shows:\n${await opened.page.locator('main').innerText().catch(() => '(nothing)')}`.slice(0, 6000));
    process.exitCode = 1;
  } finally {
    await opened.browser.close();
  }
}

export function assert(condition, message) {
  if (!condition) {
    throw new Error(message);
  }
}

// Asks again until it is so, for a minute.
export async function eventually(what, check, patience = 60_000) {
  const end = Date.now() + patience;
  let seen;
  do {
    seen = await check();
    if (seen === true) {
      return;
    }
    await new Promise(resolve => setTimeout(resolve, 250));
  } while (Date.now() < end);
  throw new Error(`${what} did not come within ${patience / 1000} s; last seen: ${JSON.stringify(seen)}`);
}

// A button of Fluent has its role from inside, where a browser sees it and a locator does not.
export const button = (scope, name) => scope.locator('fluent-button, button').filter({ hasText: typeof name === 'string' ? new RegExp(`^\\s*${name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}\\s*$`) : name });

export const confirm = page => page.locator('dialog.ask').getByRole('button', { name: 'Do it' }).click();
