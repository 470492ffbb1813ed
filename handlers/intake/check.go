package intake

import (
	"context"
	"errors"

	"truce/handlers/intake/sheet"
	"truce/storage"
)

// errUndo undoes the transaction of a batch that is only being checked.
var errUndo = errors.New("intake: only checked")

// Kind is what the file's rows are.
func (f *File) Kind() sheet.Kind { return f.opts.Kind }

// Check does all that Import does and stores nothing: each transaction is undone. So a row that needs an earlier batch's rows,
// such as a person's manager, is told as it would be on an empty database.
func (f *File) Check(ctx context.Context, store *storage.Store, l Listener) (Summary, error) {
	f.undo = true
	s, err := f.storeAll(ctx, store, l)
	if err == nil {
		err = f.findOwners(ctx, store, &s)
	}
	return s, err
}
