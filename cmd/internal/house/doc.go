// Package house holds khabar's source to the rules of the house: the layout of docs/design.md, and what else can be told
// by reading the code. It has no code but tests, and changes nothing.
package house
