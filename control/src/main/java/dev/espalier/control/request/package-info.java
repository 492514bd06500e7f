/** The words in which something is asked of Espalier and answered: names, moments, pages, who asks, and the refusal. */
package dev.espalier.control.request;
