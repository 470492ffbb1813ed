// The app that /objection is measured against: Slack's own framework, a search over all texts, one durable row per command.
const { App } = require("@slack/bolt");
const Database = require("better-sqlite3");
const fs = require("node:fs");

const db = new Database(process.env.DB);
db.pragma("journal_mode = WAL");
db.pragma("synchronous = FULL");
db.exec("CREATE TABLE IF NOT EXISTS objections (id INTEGER PRIMARY KEY, trigger TEXT UNIQUE, user TEXT, text TEXT, at INTEGER)");
db.exec("CREATE VIRTUAL TABLE IF NOT EXISTS found USING fts5 (text, content='objections', content_rowid='id')");
if (db.prepare("SELECT count(*) AS n FROM objections").get().n === 0) {
  const insert = db.prepare("INSERT INTO objections (text, user, at) VALUES (?, 'U1', 0)");
  db.transaction(() => {
    for (const line of fs.readFileSync(process.env.TEXTS, "utf8").split("\n")) if (line) insert.run(line);
    db.exec("INSERT INTO found (found) VALUES ('rebuild')");
  })();
}
const search = db.prepare("SELECT o.text FROM found f JOIN objections o ON o.id = f.rowid WHERE found MATCH ? ORDER BY bm25(found) LIMIT 5");
const insert = db.prepare("INSERT INTO objections (trigger, user, text, at) VALUES (?, ?, ?, ?)");
const index = db.prepare("INSERT INTO found (rowid, text) VALUES (?, ?)");
const log = db.transaction((trigger, user, text) => {
  const { lastInsertRowid } = insert.run(trigger, user, text, Date.now());
  index.run(lastInsertRowid, text);
  return lastInsertRowid;
});

const app = new App({ token: "xoxb-fake", signingSecret: process.env.SECRET, logLevel: "error", clientOptions: { slackApiUrl: process.env.API } });
app.command("/objection", async ({ command, ack }) => {
  const words = (command.text.match(/[\p{L}\p{N}]+/gu) || []).map((w) => `"${w}"`).join(" OR ");
  const like = words ? search.all(words) : [];
  const id = log(command.trigger_id, command.user_id, command.text);
  await ack({
    response_type: "ephemeral", text: `Logged: ${command.text}`,
    blocks: [
      { type: "section", text: { type: "mrkdwn", text: `*✓ Logged* O-${id}` } },
      { type: "section", text: { type: "plain_text", text: command.text } },
      ...like.slice(0, 3).map((l) => ({ type: "context", elements: [{ type: "plain_text", text: l.text }] })),
      { type: "actions", elements: [{ type: "button", text: { type: "plain_text", text: "Undo" }, action_id: "undo", value: String(id) }] },
    ],
  });
});
app.start({ port: 0, host: "127.0.0.1" }).then((server) => console.log("listening " + server.address().address + ":" + server.address().port));
