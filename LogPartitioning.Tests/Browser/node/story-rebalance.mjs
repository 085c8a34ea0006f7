// Follow a rebalance after a consumer was killed.
import { assert, eventually, story } from './browser.mjs';

await story(async (page, [instance, before]) => {
  await page.goto('/rebalances');
  const rows = page.locator('tbody tr');
  // Of those that are new, by the others: what they gained.
  const gained = () => rows.evaluateAll((all, [id, gone]) => {
    const known = all.findIndex(row => row.dataset.key === id);
    return all.slice(0, known < 0 ? all.length : known).filter(row => !row.cells[1].innerText.startsWith(`${gone}/`)).map(row => row.cells[3].innerText);
  }, [before, instance]);
  await eventually('partitions gained by those that are left', async () => {
    const seen = await gained();
    return seen.some(partitions => partitions !== 'none') || seen;
  }, 120_000);
  assert(await page.locator('svg.lanes circle').count() > 0, 'the picture has no rebalance');
  await page.getByText(/another member joined|a member left|handed back/).first().waitFor();
  await page.goto('/');
  await page.getByText(/, gave up .*took/).waitFor();
});
