package truce

import "testing"

func TestCRMLinkKeepsAnIDInItsPlace(t *testing.T) {
	for _, c := range []struct{ template, id, want string }{
		{"https://crm.example.com/l/{id}/view", "00Q1", "https://crm.example.com/l/00Q1/view"}, {"", "00Q1", ""},
		{"https://crm.example.com/{id}", "", ""},
		{"https://crm.example.com/{id}", "../x?a=1#b", "https://crm.example.com/..%2Fx%3Fa=1%23b"},
	} {
		if got := CRMLink(c.template, c.id); got != c.want {
			t.Errorf("%s with %q is %q, want %q", c.template, c.id, got, c.want)
		}
	}
}
