package digests

// sourceLevel is the evidence from which on something is told of a source, for each of the sources compared.
const sourceLevel = 400

// overTimeP is the p value up to which all leads are said to be sent back more often, or less, than before.
const overTimeP = 0.0003
