// The health check of the mongo service: healthy when this server is the primary of its replica set. The first run makes
// the set, of one member, so that nobody has to; a set that is there already is left alone. Run by mongosh.
//
// khabar wants a replica set even of one: write concern majority and retryable writes need it.
try {
  db.adminCommand({ replSetGetStatus: 1 });
} catch (err) {
  if (err.codeName !== "NotYetInitialized") throw err;
  // The member goes by the service's name: clients connect to the name that the set tells them.
  rs.initiate({ _id: "rs0", members: [{ _id: 0, host: "mongo:27017" }] });
}
if (!db.hello().isWritablePrimary) quit(1);
