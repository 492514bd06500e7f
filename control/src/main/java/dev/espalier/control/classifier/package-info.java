/**
 * Tells by a column's name and by some of its values what it may hold of people. Knows no database; what it says is for a person to
 * accept.
 */
@NullMarked
package dev.espalier.control.classifier;

import org.jspecify.annotations.NullMarked;
