// Package deployments checks the files that khabar is deployed with, on machines without a container engine: the compose
// file against the Compose Specification, the Dockerfile with BuildKit's parser, the NATS configuration with the server's
// own reader, and what they say about one another and about khabar's configuration. It has no code but tests.
package deployments
