// Follow a rebalance after a consumer was killed.
import { assert, eventually, story } from './browser.mjs';

await story(async (page, [instance, before]) => {
  await page.goto('/rebalances');
  const rows = page.locator('tbody tr');
  // The one that was killed is started again, and has its partitions once the group has noticed; what is new stands above what was known.
  const fresh = () => rows.evaluateAll((all, id) => {
    const known = all.findIndex(row => row.dataset.key === id);
    return all.slice(0, known < 0 ? all.length : known).map(row => ({ consumer: row.cells[1].innerText, cause: row.cells[2].innerText, gained: row.cells[3].innerText, took: row.cells[6].innerText }));
  }, before);
  await eventually('partitions gained after the kill', async () => {
    const seen = await fresh();
    return seen.some(row => row.gained !== 'none' && /\d (ms|s)$/.test(row.took)) || seen;
  }, 120_000);
  assert((await fresh()).some(row => row.consumer.startsWith(`${instance}/`) || /joined|left|handed back/.test(row.cause)), 'it is not told why');
  assert(await page.locator('svg.lanes circle').count() > 0, 'the picture has no rebalance');
  await page.goto('/');
  await page.getByText(/, gave up .*took/).waitFor();
});
