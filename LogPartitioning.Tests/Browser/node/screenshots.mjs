// Takes the pictures of docs/console.md from a running system: screenshots.mjs <gateway> <folder>
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { open } from './browser.mjs';

const [gateway, folder] = process.argv.slice(2);
const shots = [
  ['tail', '/logs?tail=1', 'dark'], ['overview', '/', 'light'], ['partitions', '/partitions', 'light'], ['sources', '/sources', 'light'], ['rebalances', '/rebalances', 'light'], ['scaling', '/scaling', 'light'],
  ['logs', '/logs?last=15m', 'light'], ['dead-letters', '/dead-letters', 'light'], ['audit', '/audit', 'light'], ['operate', '/operate', 'light'], ['overview-dark', '/', 'dark'],
];
mkdirSync(folder, { recursive: true });
for (const [name, path, scheme] of shots) {
  const { browser, page } = await open(gateway.replace(/\/$/, ''), { width: 1280, height: 800, scheme });
  await page.goto(path);
  await page.waitForFunction(() => globalThis.Blazor && customElements.get('fluent-button'));
  if (await page.locator('lp-live, lp-tail').count() > 0) {
    await page.waitForFunction(() => document.querySelector('lp-connection')?.dataset.state === 'live');
  }
  if (name === 'tail') {
    await page.locator('lp-tail .events li').first().waitFor();
  }
  if (name === 'dead-letters') {
    await page.locator('.letters summary').first().click().catch(() => {});
  }
  // Fluent's colours and margins are there.
  await page.waitForFunction(() => getComputedStyle(document.body).getPropertyValue('--colorNeutralBackground2') !== '');
  await page.screenshot({ path: join(folder, `${name}.png`) });
  console.log(`${name}.png`);
  await browser.close();
}
