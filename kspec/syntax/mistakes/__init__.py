"""What is said where reading stopped, and how reading goes on."""
