// Node-RED as it comes, without its editor: the bench asks for MQTT to SQLite and nothing else.
module.exports = {
  flowFile: "flow.json",
  uiHost: "127.0.0.1",
  uiPort: Number(process.env.UI_PORT),
  httpAdminRoot: false,
  httpNodeRoot: false,
  logging: {console: {level: "warn", metrics: false, audit: false}},
};
