package storage

import (
	"context"
	"fmt"

	"truce"
)

// accountsFolded is the key in meta that says that the accounts' ids are folded by truce.FoldAccount: the step of the schema that brought
// the column could fold them by case only, and not beyond ASCII.
const accountsFolded = "accounts_folded"

// refoldAccounts folds the ids of accounts as new ones are folded, once, and has the deals looked at again that name one of them.
func (s *Store) refoldAccounts(ctx context.Context) error {
	var done string
	if err := s.View(ctx, func(tx *Tx) (err error) { done, err = tx.Meta(accountsFolded); return err }); err != nil || done != "" {
		return err
	}
	return s.Update(ctx, func(tx *Tx) error {
		list, err := all(tx, scanNamed, `SELECT `+namedColumns+` FROM accounts`)
		if err != nil {
			return fmt.Errorf("read the ids of accounts: %w", err)
		}
		var keys []string
		for _, n := range list {
			key := truce.FoldAccount(n.id)
			if key == n.idKey {
				continue
			}
			if err := tx.exec(`UPDATE accounts SET id_key = ? WHERE id = ?`, key, n.id); err != nil {
				return fmt.Errorf("fold the id of account %s: %w", n.id, err)
			}
			keys = append(keys, n.idKey, key, n.nameKey)
		}
		if len(keys) > 0 {
			if err := tx.accountsMoved(keys, nil, nil, nil); err != nil {
				return err
			}
		}
		return tx.SetMeta(accountsFolded, "1")
	})
}
