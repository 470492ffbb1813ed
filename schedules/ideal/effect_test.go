package ideal

import (
	"strings"
	"testing"
)

// TestWhomAProfileRefusesStandsBesideWhomTheOneInForceRefuses: a profile that only adds is not blamed for what was refused before.
func TestWhomAProfileRefusesStandsBesideWhomTheOneInForceRefuses(t *testing.T) {
	for _, tt := range []struct {
		of   Replay
		want string
	}{
		{Replay{Refused: []string{"a"}, RefusedNames: []string{"Acme"}, Against: &Against{Refused: 3}},
			" It would have refused 1 customer (the one in force 3): Acme."},
		{Replay{Against: &Against{Refused: 3}}, " It would have refused no customer (the one in force 3)."},
		{Replay{Against: &Against{}}, " It would have refused no customer."},
		{Replay{Refused: []string{"a"}, RefusedNames: []string{"Acme"}}, " It would have refused 1 customer: Acme."},
	} {
		tt.of.Leads = 10
		if got := tt.of.effect(); !strings.HasSuffix(got, tt.want) {
			t.Errorf("it says %q, want %q at its end", got, tt.want)
		}
	}
}
