package storage_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"truce/storage"
)

// What one event writes is one transaction; what is read is one state of the file.
func ExampleOpen() {
	dir, err := os.MkdirTemp("", "truce-example-")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	clock := func() time.Time { return time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC) }
	store, err := storage.Open(context.Background(), filepath.Join(dir, "truce.db"), clock, slog.New(slog.DiscardHandler))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer store.Close()
	err = store.Update(context.Background(), func(tx *storage.Tx) error { return tx.SetMeta("hello", "said at "+tx.Now.Format(time.Kitchen)) })
	if err != nil {
		fmt.Println(err)
		return
	}
	err = store.View(context.Background(), func(tx *storage.Tx) error {
		said, err := tx.Meta("hello")
		fmt.Println(said)
		return err
	})
	if err != nil {
		fmt.Println(err)
	}
	// Output: said at 9:00AM
}
