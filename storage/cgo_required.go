//go:build !cgo

package storage

// SQLite is C, and without a C compiler the build would succeed and only the first run fail. This name says so at once.
// Debian and Ubuntu: apt install gcc libc6-dev. macOS: xcode-select --install. Then build again, with CGO_ENABLED=1.
const _ = "" + truce_needs_a_C_compiler__see_README_install
