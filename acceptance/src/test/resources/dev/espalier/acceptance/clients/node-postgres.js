// node-postgres: a pool, prepared statements by name, a transaction that is rolled back, an error that names its cause.
const { Pool } = require('pg');

async function main() {
  const pool = new Pool({ max: 4, ssl: { rejectUnauthorized: false } });
  await pool.query('CREATE TABLE node_items (id int PRIMARY KEY, body jsonb)');
  await Promise.all([...Array(40).keys()].map(id => pool.query({
    name: 'add', text: 'INSERT INTO node_items VALUES ($1, $2)', values: [id, { id }],
  })));
  const client = await pool.connect();
  await client.query('BEGIN');
  await client.query('DELETE FROM node_items');
  await client.query('ROLLBACK');
  client.release();
  const { rows } = await pool.query('SELECT count(*)::int AS n, sum((body->>\'id\')::int)::int AS s FROM node_items');
  if (rows[0].n !== 40 || rows[0].s !== 780) throw new Error(JSON.stringify(rows));
  const refused = await pool.query('SELECT * FROM nothing_there').catch(error => error);
  if (refused.code !== '42P01') throw new Error(String(refused));
  await pool.end();
  console.log('ok');
}

main().catch(error => { console.error(error); process.exit(1); });
