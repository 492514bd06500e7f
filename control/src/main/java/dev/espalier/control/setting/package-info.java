/** What an operator or a user may set, with the limits that it is checked against. */
package dev.espalier.control.setting;
