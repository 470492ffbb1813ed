//go:build !unix

package main

// maxFiles is how many files the process may have open, as far as is known.
func maxFiles() uint64 { return 1024 }
