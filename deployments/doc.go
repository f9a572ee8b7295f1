// Package deployments tests the files in its folder, and the compose file, as far as that can be done without a container
// engine. It has no code but tests.
package deployments
