# Thin names for the commands that the README and docs/deploy.md give; nothing is only here.
.PHONY: test ci build images up down

test:
	go test ./...

ci:
	bash .ci/run

build:
	go build -o bin/ ./cmd/...

images:
	docker compose build

up:
	docker compose up -d --build --wait

down:
	docker compose down
