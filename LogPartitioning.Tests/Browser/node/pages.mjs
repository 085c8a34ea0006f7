// Opens every page at a width and in a scheme: it is there soon, fits, has no fault, and axe-core finds nothing serious.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { open } from './browser.mjs';

const [gateway, width, scheme] = process.argv.slice(2);
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const paths = ['/', '/partitions', '/partitions?metric=rate&sort=in', '/partitions/3', '/sources', '/sources?source=never-seen', '/rebalances', '/scaling', '/logs', '/logs?tail=1', '/logs?minLevel=nonsense', '/dead-letters', '/audit', '/operate', '/sign-in'];
const { browser, page, faults } = await open(gateway.replace(/\/$/, ''), { width: Number(width), scheme });
const problems = [];
for (const path of paths) {
  const response = await page.goto(path);
  await page.waitForLoadState('load');
  // Fluent's elements are there, and what is live has come.
  await page.waitForFunction(() => globalThis.Blazor && (!document.querySelector('fluent-button') || customElements.get('fluent-button')));
  if (await page.locator('lp-live, lp-tail').count() > 0) {
    await page.waitForFunction(() => document.querySelector('lp-connection')?.dataset.state === 'live', null, { timeout: 15_000 })
      .catch(() => problems.push(`${path} is not live`));
  }
  const painted = await page.evaluate(() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime);
  const wider = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  // What was painted first stays where it is: the frame and the heading. What a page reads may come later.
  const moved = await page.evaluate(() => new Promise(resolve => {
    const frame = new Set();
    new PerformanceObserver(list => list.getEntries().flatMap(entry => entry.sources).filter(({ node }) => node?.matches?.('header, nav, main, h1')).forEach(({ node }) => frame.add(node.nodeName)))
      .observe({ type: 'layout-shift', buffered: true });
    setTimeout(() => resolve([...frame]), 100);
  }));
  console.log(`${path}: ${response.status()}, first paint after ${Math.round(painted)} ms`);
  if (response.status() !== 200) {
    problems.push(`${path} answers ${response.status()}`);
  }
  if (wider > 0) {
    problems.push(`${path} is ${wider} pixels wider than the window`);
  }
  if (moved.length > 0) {
    problems.push(`${path} moves after it was painted: ${moved}`);
  }
  const below = await page.evaluate(() => document.documentElement.scrollHeight - innerHeight);
  if (below > 0) {
    await page.mouse.move(4, 450);
    await page.mouse.wheel(0, below);
    await page.waitForFunction(() => scrollY > 0, null, { timeout: 5_000 }).catch(() => problems.push(`${path} has ${below} pixels below the window that cannot be scrolled to`));
  }
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ['violations'] }));
  for (const { id, impact, help, nodes } of violations.filter(one => ['serious', 'critical'].includes(one.impact))) {
    problems.push(`${path}: ${impact} ${id}: ${help}: ${nodes.slice(0, 3).map(node => `${node.html} (${node.failureSummary})`).join(' | ')}`);
  }
}
await browser.close();
problems.push(...faults);
if (problems.length > 0) {
  console.error(problems.join('\n'));
  process.exitCode = 1;
}
