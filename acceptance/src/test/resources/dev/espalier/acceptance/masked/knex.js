// Knex on node-postgres: a builder that names what it is told to, with schemas or without.
const assert = require('node:assert');
const knex = require('knex')({
  client: 'pg',
  connection: { ssl: { rejectUnauthorized: false } },
});

async function main() {
  const page = start => knex('people').orderBy('id').limit(10).offset(start);
  const pages = [await page(0), await page(10), await page(20)];
  assert.deepStrictEqual(pages.map(rows => rows.length), [10, 10, 5]);
  assert.deepStrictEqual(pages.flat().map(row => Number(row.id)), [...Array(25).keys()].map(i => i + 1));
  const after = await knex.withSchema('public').from('people').where('id', '>', 20).orderBy('id').limit(3).pluck('id');
  assert.deepStrictEqual(after.map(Number), [21, 22, 23]);
  for (const row of pages.flat()) {
    assert.deepStrictEqual([row.email, row.name, row.phone], ['p***@raw.example', '***', null]);
  }

  const [{ id }] = await knex.withSchema('public').from('people')
    .insert({ email: 'new@raw.example', name: 'New', phone: '+41 1', joined: '2020-05-05', city: 'Genf', version: 1 })
    .returning('id');
  assert.ok(Number(id) > 25);
  const made = await knex('people').where({ id }).first();
  assert.deepStrictEqual([made.email, made.name, made.phone, made.city], ['n***@raw.example', '***', null, 'Genf']);

  // Every column as it was read, but for two.
  const { id: _, ...row } = await knex('people').where({ id: 3 }).first();
  assert.strictEqual(await knex('people').where({ id: 3 }).update({ ...row, city: 'Basel', version: 2 }), 1);

  const refused = await knex('people').where({ id: 4 }).update({ city: 'Basel', email: 'other@raw.example' }).catch(e => e);
  assert.match(String(refused.message), /email is masked for you/);

  assert.strictEqual(await knex('people').where({ id: 5 }).del(), 1);

  // ON CONFLICT, of one who is there: nothing, and then a column that he may write. By a column that is masked it is refused.
  const again = { id: 6, email: 'p6@raw.example', name: 'Again', joined: '2020-05-05', city: 'Genf', version: 1 };
  const unknown = await knex('people').insert(again).onConflict('email').ignore().catch(e => e);
  assert.match(String(unknown.message), /permission denied/);
  await knex('people').insert(again).onConflict('id').ignore();
  await knex.withSchema('public').from('people').insert(again).onConflict('id').merge(['city']);
  assert.strictEqual(Number((await knex('people').count())[0].count), 25);
  await knex.destroy();
  console.log('ok');
}

main().catch(error => { console.error(error); process.exit(1); });
