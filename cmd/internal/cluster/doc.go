// Package cluster tests khabar's processes together: a scheduler and workers as the operating system runs them, on a
// nats-server and a MongoDB-protocol server that are processes of their own, killed and stopped while they crawl. It has
// no code but tests.
package cluster
