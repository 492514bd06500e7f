/** Statements that people have run, run again under other rules, and what would be different for whom. */
package dev.espalier.control.replay;
