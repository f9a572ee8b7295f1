// Package cluster tests khabar's processes together: a scheduler and workers as the operating system runs them, on a
// nats-server and a MongoDB-protocol server that are processes of their own. They are killed, stopped, cut off, rolled back
// and given full disks while they crawl (TestChaos, -chaos.minutes and -chaos.seed), and watched over a long time (TestSoak,
// -soak.visits). It has no code but tests.
package cluster
