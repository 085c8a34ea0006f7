// Edit a dead letter, redrive it, and find the event in Logs.
import { button, confirm, eventually, story } from './browser.mjs';

await story(async (page, [source]) => {
  await eventually('the dead letter', async () => {
    await page.goto('/dead-letters');
    for (let next = page.getByRole('link', { name: 'Older dead letters' }); await page.locator('li', { hasText: source }).count() === 0 && await next.count() > 0;) {
      await next.click();
      await page.waitForLoadState('load');
    }
    return await page.locator('li', { hasText: source }).count() === 1;
  });
  const letter = page.locator('li', { hasText: source });
  await letter.locator('summary').click();
  await letter.getByText('malformed_json').first().waitFor();
  await letter.locator('textarea').fill(JSON.stringify({ source, level: 'Warning', message: `put right: ${source}` }));
  await button(letter, 'Redrive the edited event').click();
  await confirm(page);
  await letter.locator('output[data-tone="good"]', { hasText: 'replayed' }).waitFor();

  await eventually('the event', async () => {
    await page.goto(`/logs?source=${encodeURIComponent(source)}`);
    return await page.locator('.events li', { hasText: `put right: ${source}` }).count() === 1 || page.locator('main').innerText();
  });
  await page.locator('.events summary').click();
  await page.locator('.events dd', { hasText: 'partition' }).waitFor();

  await page.goto('/dead-letters');
});
