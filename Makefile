# The gate is .ci/run; these are its parts, for the hours before it.
.PHONY: test test-all lint golden bench release

test: ## without browsers and without what starts the program many times
	go test -short -parallel 6 ./...

test-all: ## the README's test command
	go test -race -timeout 40m ./...

lint:
	@test -z "$$(git ls-files '*.go' | xargs gofmt -l)" || { git ls-files '*.go' | xargs gofmt -l; exit 1; }
	go vet ./...
	go run honnef.co/go/tools/cmd/staticcheck@v0.8.2 ./...

golden: ## write all golden files anew; then read the diff
	go test -short -update $$(go list -test -f '{{range .Deps}}{{if eq . "truce/bot/golden"}}{{$$.ForTest}}{{end}}{{end}}' ./... | sort -u)

bench: ## the benchmarks inside the packages; the programs under bench/ each say how they are run
	go test -run '^$$' -bench . -short ./...

release: ## make release VERSION=v1.2.3: static programs, checksums, what is in them, in dist/
	packaging/release $(VERSION)
