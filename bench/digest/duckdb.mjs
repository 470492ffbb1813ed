// Measures the year's grouping query of main.go in DuckDB, on the CSV files that main.go -csv leaves in a folder:
//   npm install @duckdb/node-api && node duckdb.mjs /tmp 10000 100000 1000000
// Times are processor time, the median of nine. The query counts less than the report does: no histograms, no intervals.
import { DuckDBInstance } from '@duckdb/node-api';

const [dir, ...sizes] = process.argv.slice(2);
const counts = `count(*), count(*) FILTER (state = ''), count(*) FILTER (state = 'won'), count(*) FILTER (state = 'lost'),
  count(*) FILTER (state = 'rejected'), count(*) FILTER (stage >= 1), avg(score), sum(amount)`;
const year = 'WHERE mql_at >= 1748736000000 AND mql_at < 1780272000000';
const query = `SELECT source, ${counts} FROM leads ${year} GROUP BY source UNION ALL SELECT campaign, ${counts} FROM leads ${year} GROUP BY campaign`;

for (const n of sizes) {
  const db = await (await DuckDBInstance.create(':memory:')).connect();
  await db.run(`CREATE TABLE leads AS SELECT * FROM read_csv('${dir}/truce-bench-${Number(n)}.csv', header = true, types = {'state': 'VARCHAR'}, nullstr = '<nil>')`);
  await db.run(`UPDATE leads SET state = '' WHERE state IS NULL`);
  const took = [];
  for (let i = 0; i < 9; i++) {
    const start = process.cpuUsage();
    (await db.runAndReadAll(query)).getRows();
    const used = process.cpuUsage(start);
    took.push((used.user + used.system) / 1000);
  }
  took.sort((a, b) => a - b);
  console.log(`${n} leads: ${took[4].toFixed(1)} ms`);
}
