package truce

import "time"

// Clock tells the time. Logic takes one, or a moment; only main knows time.Now.
type Clock func() time.Time
