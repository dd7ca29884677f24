"""What a submission may see of the grader."""
