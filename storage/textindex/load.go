// Filling an index and a classifier from a database while people go on working.
package textindex

// recent remembers which ids were changed while a Load goes on, so that older texts do not overwrite them.
type recent struct{ ids map[string]bool }

func (r *recent) begin() { r.ids = map[string]bool{} }
func (r *recent) end()   { r.ids = nil }
func (r *recent) note(id string) {
	if r.ids != nil {
		r.ids[id] = true
	}
}
func (r *recent) has(id string) bool { return r.ids[id] }

// Load adds what read returns, typically all texts of a database, while others already add and remove: what they do after
// Load was called counts, since what read returns may be older. Searches meanwhile find what is there so far. An error of
// read is returned, and nothing is added. One Load at a time.
func (x *Index) Load(read func() ([]Doc, error)) error {
	x.mu.Lock()
	x.loading.begin()
	x.mu.Unlock()
	defer func() {
		x.mu.Lock()
		x.loading.end()
		x.mu.Unlock()
	}()
	docs, err := read()
	if err != nil {
		return err
	}
	for _, d := range docs {
		terms, length := x.an.counts(d.Text)
		x.mu.Lock()
		if !x.loading.has(d.ID) {
			x.put(d, terms, length)
		}
		x.mu.Unlock()
	}
	return nil
}

// Load learns what read returns, oldest first, typically all confirmed texts of a database, while others already learn and
// forget: what they do after Load was called counts, since what read returns may be older. An error of read is returned, and
// nothing is learned. One Load at a time.
func (c *Classifier) Load(read func() ([]Doc, error)) error {
	c.mu.Lock()
	c.loading.begin()
	c.mu.Unlock()
	defer func() {
		c.mu.Lock()
		c.loading.end()
		c.mu.Unlock()
	}()
	docs, err := read()
	if err != nil {
		return err
	}
	for _, d := range docs {
		c.mu.Lock()
		if d.ID != "" && d.Label != "" && !c.loading.has(d.ID) {
			c.learn(d)
		}
		c.mu.Unlock()
	}
	return nil
}
