package sheet

func (b *Binding) bindPreset(name string) error { return nil }
